"""No answer stops the page that shows it, and none holds it up: what is too much is shown as the text that it is."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Watch
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

DEADLY = {
    "quotes": ">" * 4000 + " x",
    "tags": "<kbd>" * 5000,
    "braces": "$" + "{" * 5000 + "x" + "}" * 5000 + "$",
    "fractions": "$$" + "\\frac{1}{" * 800 + "x" + "}" * 800 + "$$",
    "matrices": "$$" + "\\begin{matrix}" * 200 + "x" + "\\end{matrix}" * 200 + "$$",
    "dashes": "- " * 5000 + "x",
    "quotes of lists": "> - " * 2000 + "x",
}
SLOW = {
    "bold": "**a" * 10_000,
    "lists": "\n".join(" " * 2 * depth + "- x" for depth in range(400)),
    "numbered lists": "\n".join(" " * 3 * depth + "1. x" for depth in range(300)),
    "emphasis": "*a **b " * 600 + "**b* " * 600,
    "underscores": "__a_" * 6000,
    "brackets": "[" * 20_000,
    "mail": "a." * 10_000 + "@",
    "formulas": "$x^2$ " * 4000,
    "a list of formulas": "\n".join(f"- $x_{{{number}}}$" for number in range(1500)),
    "a table": "|a|b|c|\n|-|-|-|\n" + "|a **b**|$x$|`c`|\n" * 800,
    "a loose list": "\n\n".join(f"- item {number} **b** `c`" for number in range(2000)),
    "macros": "$$\\def\\a{" + "x" * 500 + "}" + "\\a" * 290 + "$$",
    "directions": "\u202e" * 8000,
    "code in C#": "```csharp\n" + "a<b>\n" * 3000 + "```",
    "code in Java": "```java\n" + "$" * 19_000 + "\n```",
}
# Far above what each takes, which is under 0.2 s, since the cores are shared with the whole appliance.
ENOUGH_MS = 1_500

SHOW = """async ([text, pieces]) => {
    const map = JSON.parse(document.querySelector("script[type=importmap]").textContent).imports;
    const { GrowingMarkdown } = await import(map["/static/js/markdown/blocks.js"]);
    await Promise.all(["katex", "highlight"].map(name => import(name)));
    const root = document.createElement("div");
    root.className = "prose";
    document.querySelector("#scroller").append(root);
    const growing = new GrowingMarkdown(root);
    let longest = 0;
    const timed = async work => {
        const started = performance.now();
        work();
        root.getBoundingClientRect();
        longest = Math.max(longest, performance.now() - started);
        await new Promise(requestAnimationFrame);
    };
    const size = Math.ceil(text.length / pieces);
    for (let start = 0; start < text.length; start += size) {
        await timed(() => growing.append(text.slice(start, start + size)));
    }
    await timed(() => growing.finish());
    await timed(() => {});
    const shown = root.textContent;
    root.remove();
    return { longest, shown };
}"""


@pytest.mark.parametrize("name", [*DEADLY, *SLOW])
def test_no_block_holds_up_the_page(workspace: Workspace, watch: Watch, name: str) -> None:
    text = (DEADLY | SLOW)[name]
    workspace.page.evaluate(SHOW, ["warm $x$\n\n```python\nx = 1\n```\n\nend", 1])
    for pieces in (1, 8):
        seen = workspace.page.evaluate(SHOW, [text, pieces])
        assert seen["longest"] < ENOUGH_MS
        assert seen["shown"].strip()
    assert watch.errors == []


def test_a_deadly_answer_leaves_the_conversation_alive(workspace: Workspace, watch: Watch) -> None:
    """While it is written, and when the page is built again; the answers before and behind it are shown."""
    workspace.ask_and_wait("[[part:echo tokens_per_s=400]]the **head**")
    # No longer, or the page would begin behind the first answer.
    deadly = "\n\n".join([DEADLY["quotes"], DEADLY["tags"][:10_000], DEADLY["braces"]])
    workspace.ask_and_wait(f"[[part:echo tokens_per_s=100000]]{deadly}\n\nthe **tail**")
    expect(workspace.stop_button).to_be_hidden()
    for _ in range(2):
        expect(workspace.answers.locator("strong")).to_have_text(["head", "tail"])
        workspace.page.reload()
    workspace.ask_and_wait("[[part:echo tokens_per_s=400]]still **here**")
    expect(workspace.answers.locator("strong")).to_have_text(["head", "tail", "here"])
    assert watch.errors == []


def test_what_is_beyond_the_bounds_is_shown_to_the_letter(workspace: Workspace) -> None:
    hostile = "> " * 40 + "end"
    long_list = "\n".join(f"- *item* {number}" for number in range(2000))
    seen = workspace.page.evaluate(SHOW, [f"{hostile}\n\n{long_list}", 1])["shown"]
    assert "> > > end" in seen
    assert "- *item* 0\n- *item* 1\n" in seen
    assert "- *item* 1999" in seen


def test_a_long_answer_meant_for_reading_stays_within_the_bounds(workspace: Workspace) -> None:
    paragraph = "A sentence of **this** paragraph, with `code` and [a link](https://example.com). " * 60
    table = "| a | b | c |\n|---|---|--:|\n" + "| cell | **bold** | 12.50 |\n" * 200
    items = "\n".join(f"{number}. an item with `code`\n   - and one below" for number in range(1, 200))
    seen = workspace.page.evaluate(SHOW, [f"{paragraph}\n\n{table}\n{items}", 1])["shown"]
    assert not any(sign in seen for sign in ("**", "`", "|", "- and"))


def test_an_answer_that_cannot_be_shown_is_no_reason_to_lose_the_page(workspace: Workspace) -> None:
    workspace.ask_and_wait("[[part:echo tokens_per_s=400]]the **first**")
    workspace.ask_and_wait("[[part:echo tokens_per_s=400]]the **second**")
    workspace.page.add_init_script(
        """addEventListener("DOMContentLoaded", () =>
            document.querySelector("#messages > :last-child [data-copy]")?.remove())"""
    )
    workspace.page.reload()
    expect(workspace.answers.first.locator("strong")).to_have_text("first")
    expect(workspace.body).to_contain_text("second")
    workspace.ask_and_wait("[[part:echo tokens_per_s=400]]the **third**")
