"""Pages at the two sizes and in both themes: nothing overflows, axe finds nothing serious, and pictures are kept."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenContext
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "test-results" / "pages"
SIZES = [(1440, 900), (390, 844)]


def check(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(400)
    page.screenshot(path=PICTURES / f"{name}.png")
    overflow = page.evaluate(
        """() => [document.documentElement, document.querySelector("#scroller")].filter(Boolean)
            .map(element => element.scrollWidth - element.clientWidth)"""
    )
    assert max(overflow) <= 0, f"{name} is wider than its window"
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(result => result.violations)")
    serious = [
        f"{item['id']}: {item['nodes'][0]['html']}" for item in found if item["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), SIZES, ids=["wide", "narrow"])
def test_pages_look_right(open_context: OpenContext, width: int, height: int, dark: bool) -> None:
    kind = f"{width}-{'dark' if dark else 'light'}"
    stranger = open_context(None, width=width, height=height, dark=dark).new_page()
    stranger.goto("/sign-in/")
    check(stranger, f"sign-in-{kind}")
    workspace = Workspace.opened(open_context(width=width, height=height, dark=dark).new_page())
    check(workspace.page, f"new-{kind}")
    workspace.page.get_by_role("button", name="Thinking").click()
    check(workspace.page, f"thinking-{kind}")
    workspace.page.get_by_role("menuitemradio", name="Deep").click()
    workspace.ask_and_wait("What follows from the delivery terms? [[part:reasoning tokens=12 tokens_per_s=300]]")
    workspace.ask_and_wait("[[part:markdown tokens_per_s=300]]")
    expect(workspace.body.locator(".hljs-keyword").first).to_be_attached()
    check(workspace.page, f"answer-end-{kind}")
    workspace.page.locator("#scroller").evaluate("element => { element.scrollTop = element.scrollHeight * 0.3 }")
    check(workspace.page, f"answer-{kind}")
    if width < 800:
        workspace.page.get_by_role("button", name="Open the list").click()
        check(workspace.page, f"drawer-{kind}")
    workspace.page.goto("/nothing-here/")
    check(workspace.page, f"not-found-{kind}")
