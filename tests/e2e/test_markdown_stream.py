"""Markdown that grows piece by piece ends as the same page that the whole text gives, however it was cut."""

import random

import pytest

from tests.e2e.workspace import Workspace
from workers.engine.scripted.texts import MARKDOWN

pytestmark = [pytest.mark.browser, pytest.mark.stack]

TEXTS = [
    MARKDOWN,
    "One *two* **three** `four`\n\n\n- a\n  - b\n\n    loose\n- c\n\n1. x\n2. y\n\ntext\n-\n\nmore",
    "$$\na\n\nb\n$$\n\nthen \\(x\\) and \\[y\\] and $z$, not $5 and $10, nor `$$`\n\n```\n$$ in code\n\n\n```\n\nend",
    "[one][1] and [two][2]\n\n[1]: https://example.com/1\n\ntext\n\n[2]: /two\n",
    "line one\r\nline two\r\n\r\n| a | b |\r\n|---|--:|\r\n| 1 | 2 |\r\n",
    "~~~python\nx = 1\n~~~\n> quote\nlazy\n\nSetext\n======\n\n***\n\n<br>H<sub>2</sub>O <div>not html</div>\n",
    "stray $$ sign\n\n" + "word " * 600 + "\n\nafter it\n",
    "*open\n\n**open\n\n[open\n\n`open",
]

GROW = """async ([pieces, wait]) => {
    const map = JSON.parse(document.querySelector("script[type=importmap]").textContent).imports;
    const { GrowingMarkdown } = await import(map["/static/js/markdown/blocks.js"]);
    const root = document.createElement("div");
    root.className = "prose";
    document.querySelector("#scroller").append(root);
    const growing = new GrowingMarkdown(root);
    const seen = [];
    for (const piece of pieces) {
        growing.append(piece);
        if (wait) await new Promise(requestAnimationFrame);
        seen.push(root.innerText);
    }
    growing.finish();
    const waits = ".math:not(.math--broken, :has(.katex)), code[data-language=python]:not(:has(span))";
    for (let turn = 0; turn < 200 && root.querySelector(waits); turn++) {
        await new Promise(resolve => setTimeout(resolve, 20));
    }
    const html = root.innerHTML;
    root.remove();
    return { html, seen };
}"""


def cut(text: str, dice: random.Random) -> list[str]:
    places = sorted(dice.sample(range(1, len(text)), min(len(text) - 1, 40)))
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_the_end_does_not_depend_on_the_pieces(workspace: Workspace, number: int) -> None:
    text = TEXTS[number]
    dice = random.Random(number)
    whole = workspace.page.evaluate(GROW, [[text], False])["html"]
    assert whole
    for _ in range(6):
        assert workspace.page.evaluate(GROW, [cut(text, dice), True])["html"] == whole
    assert workspace.page.evaluate(GROW, [list(text[:200]), True])


def test_an_unfinished_formula_is_never_shown_raw(workspace: Workspace) -> None:
    text = "Before\n\n$$\n\\int_0^1 x\n\n+ y\n$$\n\nand \\[ \\frac{1}{2} \\] after"
    seen = workspace.page.evaluate(GROW, [list(text), True])["seen"]
    assert any("Before" in view for view in seen)
    assert not [view for view in seen if "$$" in view or "\\frac" in view or "\\int" in view]


def test_a_growing_table_list_or_link_never_flickers_through_another_meaning(workspace: Workspace) -> None:
    text = "Intro\n- one\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[label](https://example.com/long) **bold** end"
    seen = workspace.page.evaluate(GROW, [list(text), True])["seen"]
    assert not [view for view in seen if "|" in view or "](" in view or "**" in view]
