"""Where an answer leads is opened by the reader alone, who has seen it, and nothing is fetched unasked."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.e2e.conftest import Watch
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

ADDRESS = "https://tracker.invalid/rates?secret=1"
QUICK = "[[part:echo tokens_per_s=400]]"

WAYS: dict[str, Callable[[Locator], None]] = {
    "click": lambda link: link.click(),
    "middle click": lambda link: link.click(button="middle"),
    "control click": lambda link: link.click(modifiers=["Control"]),
    "shift click": lambda link: link.click(modifiers=["Shift"]),
    "enter": lambda link: link.press("Enter"),
    "control enter": lambda link: link.press("Control+Enter"),
}


@pytest.fixture
def link(workspace: Workspace) -> Locator:
    workspace.ask_and_wait(f"{QUICK}See [the rates]({ADDRESS}) now")
    return workspace.body.get_by_role("link", name="the rates")


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_open_a_link_asks_first(link: Locator, workspace: Workspace, watch: Watch, way: str) -> None:
    WAYS[way](link)
    dialog = workspace.page.get_by_role("dialog")
    expect(dialog).to_contain_text(ADDRESS)
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    assert len(workspace.page.context.pages) == 1
    assert watch.foreign == []


def test_a_confirmed_link_opens_without_a_way_back(link: Locator, workspace: Workspace) -> None:
    asked: list[str | None] = []

    def answer(route: Route) -> None:
        asked.append(route.request.header_value("referer"))
        route.fulfill(body="there")

    workspace.page.context.route("https://tracker.invalid/**", answer)
    link.click()
    with workspace.page.context.expect_page() as opened:
        workspace.page.get_by_role("dialog").get_by_role("button", name="Open").click()
    opened.value.wait_for_load_state()
    assert opened.value.url == ADDRESS
    assert opened.value.evaluate("window.opener") is None
    assert asked == [None]


def test_the_browser_is_not_told_the_address(link: Locator, workspace: Workspace) -> None:
    """So that its menu, its dragging and its middle button have nothing to open."""
    assert link.get_attribute("href") is None
    assert workspace.body.locator("[href]:not(use), [target], [ping]").count() == 0
    expect(link).to_have_attribute("title", ADDRESS)
    style = link.evaluate("element => [getComputedStyle(element).textDecorationLine, getComputedStyle(element).cursor]")
    assert style == ["underline", "pointer"]
    assert link.evaluate("element => element.draggable") is False


def test_a_link_is_reached_by_keyboard_and_its_text_is_copied(link: Locator, workspace: Workspace) -> None:
    workspace.field.focus()
    for _ in range(20):
        workspace.page.keyboard.press("Shift+Tab")
        if link.evaluate("element => element === document.activeElement"):
            break
    expect(link).to_be_focused()
    copied = workspace.body.evaluate(
        """body => {
            getSelection().selectAllChildren(body);
            document.execCommand("copy");
            return navigator.clipboard.readText();
        }"""
    )
    assert copied.strip() == "See the rates now"
    assert workspace.source() == f"See [the rates]({ADDRESS}) now"


@pytest.mark.parametrize(
    "address",
    [
        "/api/me",
        "/sign-out/",
        "/static/../api/me",
        "/static/%2e%2e/api/me",
        "/static/..%2fapi/me",
        "/static/\\..\\api",
        "/static/x.png?secret",
        "static/x.png",
        "#x",
        "//tracker.invalid/static/x.png",
        "https://tracker.invalid/static/x.png",
        "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=",
    ],
)
def test_a_picture_from_elsewhere_is_told_in_words(workspace: Workspace, watch: Watch, address: str) -> None:
    before = len(watch.requests)
    workspace.ask_and_wait(f"{QUICK}![the plan]({address})")
    expect(workspace.body).to_have_text(re.compile(r"^the plan \(.+\)$"))
    expect(workspace.body.locator("img, a")).to_have_count(0)
    asked = [request for request in watch.requests[before:] if "/static/js/" not in request]
    assert [request for request in asked if re.search("me$|sign-out|x.png|tracker|api$", request)] == []


def test_a_picture_of_the_appliance_is_shown(workspace: Workspace) -> None:
    workspace.ask_and_wait(f"{QUICK}![the mark](/static/img/favicon.svg)")
    expect(workspace.body.get_by_role("img", name="the mark")).to_be_visible()
