"""Diagrams are drawn when the reader asks for it, by a library that can reach nothing and change nothing."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.test_looks import check
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

FLOW = "flowchart LR\n  A[Order] --> B{Paid?}\n  B -->|yes| C[Ship]\n  B -->|no| D[Remind]"
MARK = "window.hacked=1;top.hacked=1;parent.hacked=1"
AWAY = "https://tracker.invalid"

HOSTILE = [
    f'flowchart LR\n  A["<img src=x onerror={MARK}>"] --> B["<script>{MARK}</script>"]',
    f'flowchart LR\n  A[One] --> B[Two]\n  click A href "javascript:{MARK}" "go"\n  click B call hack()',
    f'flowchart LR\n  A["![x]({AWAY}/a.png)"] --> B["<iframe src={AWAY}/b>"]',
    f'%%{{init: {{"securityLevel": "loose", "htmlLabels": true, "flowchart": {{"htmlLabels": true}}}}}}%%\n'
    f'flowchart LR\n  A["<img src=x onerror={MARK}>"] --> B["<svg onload={MARK}>"]',
    f'%%{{init: {{"themeCSS": "@import url({AWAY}/c.css); * {{ background: url({AWAY}/d) }}"}}}}%%\n'
    "flowchart LR\n  A --> B",
    f'%%{{init: {{"theme": "base", "themeVariables": {{"primaryColor": "url({AWAY}/e)"}},'
    f' "fontFamily": "x; }} @import url({AWAY}/f); {{"}}}}%%\nflowchart LR\n  A --> B',
    f"flowchart LR\n  A --> B\n  style A fill:url({AWAY}/g),stroke:#333;background-image:url({AWAY}/h)",
    f'flowchart LR\n  A@{{ img: "{AWAY}/i.png", label: "x", pos: "t", w: 60, h: 60 }}\n  A --> B',
    f"sequenceDiagram\n  participant A\n  link A: Away @ {AWAY}/j\n  A->>B: <img src={AWAY}/k onerror={MARK}>",
    f'classDiagram\n  class A\n  click A href "javascript:{MARK}"\n  A : +<img src=x onerror={MARK}>',
    f'---\ntitle: "<img src=x onerror={MARK}>"\nconfig:\n  securityLevel: loose\n---\nflowchart LR\n  A --> B',
    f'{{"__proto__": {{"hacked": 1}}}}\nflowchart LR\n  A["</style><script>{MARK}</script>"] --> B',
    f"gantt\n  title <svg onload={MARK}>\n  section <b onclick={MARK}>x\n  T :a1, 2026-01-01, 3d\n"
    f'  click a1 href "javascript:{MARK}"',
]


def answer(workspace: Workspace, *sources: str) -> Locator:
    text = "\n\n".join(f"```mermaid\n{source}\n```" for source in sources)
    workspace.ask_and_wait(f"[[part:echo tokens_per_s=800]]{text}")
    return workspace.body.locator(".code-block")


def draw(block: Locator) -> None:
    block.get_by_role("button", name="Draw").click()


def size(image: Locator) -> tuple[int, int]:
    expect(image).to_have_js_property("complete", value=True)
    found: list[int] = image.evaluate("image => [image.naturalWidth, image.naturalHeight]")
    return found[0], found[1]


def test_nothing_is_loaded_until_it_is_drawn_and_the_source_comes_back(workspace: Workspace, watch: Watch) -> None:
    block = answer(workspace, FLOW)
    expect(block.get_by_role("button", name="Draw")).to_be_visible()
    assert [request for request in watch.requests if "mermaid" in request or "/drawing/" in request] == []
    draw(block)
    image = block.get_by_role("img", name="A drawing of the diagram")
    expect(image).to_be_visible()
    assert min(size(image)) > 50
    expect(block.locator("pre")).to_be_hidden()
    # The frame is gone with the drawing.
    expect(workspace.page.locator("iframe")).to_have_count(0)
    block.get_by_role("button", name="Copy").click()
    expect(workspace.page.locator("#announcer")).to_have_text("Copied.")
    assert workspace.page.evaluate("navigator.clipboard.readText()") == FLOW
    block.get_by_role("button", name="Show the source").click()
    expect(block.locator("pre")).to_contain_text("Order")
    expect(image).to_have_count(0)
    assert watch.foreign == []
    assert watch.errors == []


def test_hostile_diagrams_run_nothing_and_ask_nobody(workspace: Workspace, watch: Watch) -> None:
    blocks = answer(workspace, *HOSTILE)
    expect(blocks).to_have_count(len(HOSTILE))
    for number in range(len(HOSTILE)):
        block = blocks.nth(number)
        draw(block)
        expect(block.locator(".drawing img, .drawing__problem")).to_be_visible()
    workspace.page.wait_for_timeout(500)
    assert workspace.page.evaluate("window.hacked") is None
    assert workspace.page.evaluate("({}).hacked") is None
    # The library asks for a picture of its own accord; the frame's policy lets nothing out.
    assert set(watch.foreign) <= set(watch.blocked)
    assert (
        workspace.page.locator("#messages :is(script, iframe, object, foreignObject, [onclick], [onload])").count() == 0
    )
    # Nearly all of them are drawn, their labels as the text that they are.
    assert workspace.body.locator(".drawing img").count() > len(HOSTILE) / 2


def test_a_picture_made_of_a_hostile_drawing_holds_only_shapes_and_text(workspace: Workspace) -> None:
    found = workspace.page.evaluate(
        """async svgs => {
            const map = JSON.parse(document.querySelector("script[type=importmap]").textContent).imports;
            const { cleanDrawing } = await import(map["/static/js/markdown/drawn.js"]);
            return svgs.map(svg => cleanDrawing(svg)?.svg ?? null);
        }""",
        [
            f'<svg viewBox="0 0 9 9"><script>{MARK}</script><rect onload="{MARK}" width="9" height="9"/>'
            f'<image href="{AWAY}/a"/><use href="{AWAY}/b#c"/><a href="javascript:{MARK}"><text>t</text></a>'
            f"<foreignObject><img src=x onerror={MARK}></foreignObject></svg>",
            f'<svg viewBox="0 0 9 9"><style>@import "{AWAY}"; .a {{ fill: url({AWAY}/d) }}</style>'
            f'<g style="fill: URL ( {AWAY}/e ); stroke: red"><text>style="x" &lt;/style></text></g></svg>',
            "<p>no drawing</p>",
            '<svg viewBox="0 0 99999 10"></svg>',
            "<svg></svg>",
        ],
    )
    assert found[2:] == [None, None, None]
    assert "<rect" in found[0]
    assert "stroke: red" in found[1]
    assert re.search("import|url", found[1], re.IGNORECASE) is None
    assert re.search("script|onload|href|foreignObject|onerror|<img|<image|<use|<a ", found[0]) is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("flowchart LR\n  A --> ", "cannot be drawn"),
        ("mindmap\n  root\n    branch", "cannot be drawn"),
        ("", "cannot be drawn"),
        ("flowchart LR\n" + "\n".join(f"  A{n} --> B{n}" for n in range(400)), "cannot be drawn"),
        ("flowchart LR\n" + "  A --> B\n" * 2_500, "cannot be drawn"),
    ],
    ids=["broken", "unknown", "empty", "too many edges", "too long"],
)
def test_what_cannot_be_drawn_says_so_and_keeps_its_source(workspace: Workspace, source: str, said: str) -> None:
    block = answer(workspace, source)
    draw(block)
    expect(block.locator(".drawing__problem")).to_contain_text(said)
    expect(block.locator("pre")).to_be_visible()
    expect(block.get_by_role("button", name="Draw")).to_be_enabled()
    assert len(block.locator(".drawing__problem").inner_text()) < 500


def test_a_drawing_without_end_is_given_up_and_the_page_goes_on(workspace: Workspace) -> None:
    """The frame's own script is exchanged for one that never ends, as a diagram that finds a flaw would do it."""
    workspace.page.context.route(
        re.compile("/drawing-frame[^/]*js"),
        lambda route: route.fulfill(
            body="addEventListener('message', () => { for (;;); })", content_type="text/javascript"
        ),
    )
    block = answer(workspace, FLOW)
    draw(block)
    workspace.field.fill("the page goes on")
    longest = workspace.page.evaluate(
        """async () => {
            let longest = 0, last = performance.now();
            while (document.querySelector("iframe")) {
                await new Promise(resolve => setTimeout(resolve, 10));
                longest = Math.max(longest, performance.now() - last);
                last = performance.now();
            }
            return longest;
        }"""
    )
    assert longest < 3_000
    expect(block.locator(".drawing__problem")).to_contain_text("too long")
    expect(block.locator("pre")).to_be_visible()


def test_the_frame_is_without_origin_network_and_page(open_context: OpenContext, watch: Watch) -> None:
    page = open_context().new_page()
    answered = page.goto("/drawing/")
    assert answered is not None
    policy = answered.header_value("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "sandbox allow-scripts" in policy
    assert "frame-ancestors 'self'" in policy
    assert "connect-src" not in policy
    assert "img-src" not in policy
    assert page.evaluate("origin") == "null"
    assert page.evaluate("fetch('/api/me').then(() => 'reached', () => 'refused')") == "refused"
    assert page.evaluate("fetch('https://tracker.invalid/').then(() => 'reached', () => 'refused')") == "refused"
    refused = "() => { try { return document.cookie || 'empty' } catch { return 'refused' } }"
    assert page.evaluate(refused) == "refused"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["wide", "narrow"])
def test_they_look_right(open_context: OpenContext, width: int, height: int, dark: bool) -> None:
    kind = f"{width}-{'dark' if dark else 'light'}"
    workspace = Workspace.opened(open_context(width=width, height=height, dark=dark).new_page())
    blocks = answer(workspace, FLOW, "sequenceDiagram\n  Alice->>Port: Which quay?\n  Port-->>Alice: Seven", "flow\nx")
    for number in range(3):
        draw(blocks.nth(number))
    expect(workspace.body.locator(".drawing img")).to_have_count(2)
    expect(workspace.body.locator(".drawing__problem")).to_have_count(1)
    check(workspace.page, f"drawing-{kind}")


def test_another_theme_draws_again(workspace: Workspace) -> None:
    block = answer(workspace, FLOW)
    draw(block)
    image = block.get_by_role("img", name="A drawing of the diagram")
    before = image.get_attribute("src")
    workspace.page.get_by_role("button", name="Light or dark").click()
    expect(image).not_to_have_attribute("src", before or "")
    assert min(size(image)) > 50
