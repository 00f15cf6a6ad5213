import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_the_first_page_takes_few_requests_and_all_go_to_the_appliance(open_context: OpenContext, watch: Watch) -> None:
    page = open_context().new_page()
    page.goto("/", wait_until="networkidle")
    assert 5 < len([address for address in watch.requests if address.startswith("http")]) <= 25
    assert watch.foreign == []
    assert watch.errors == []


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/sign-out/", "/nothing-here/"])
def test_every_page_is_under_the_strict_policy(open_context: OpenContext, path: str) -> None:
    answer = open_context().new_page().goto(path)
    assert answer is not None
    policy = answer.header_value("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    if path == "/":
        assert "require-trusted-types-for 'script'" in policy


def test_the_theme_is_switched_and_remembered(workspace: Workspace) -> None:
    root = workspace.page.locator("html")
    light = root.evaluate("element => getComputedStyle(element).colorScheme")
    workspace.page.get_by_role("button", name="Light or dark").click()
    expect(root).to_have_attribute("data-theme", "dark")
    workspace.page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    assert root.evaluate("element => getComputedStyle(element).colorScheme") != light


def test_the_drawer_opens_and_closes_by_keyboard(open_context: OpenContext) -> None:
    page = open_context(width=390, height=844).new_page()
    Workspace.opened(page)
    opener = page.get_by_role("button", name="Open the list")
    opener.press("Enter")
    expect(page.get_by_role("button", name="Close the list")).to_be_focused()
    expect(page.get_by_role("link", name="New conversation")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(page.get_by_role("link", name="New conversation")).to_be_hidden()
