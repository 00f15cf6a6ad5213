"""The page of people who have no workspace: it says so, and everything else on it works."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenContext, Watch

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
@pytest.mark.parametrize("person", ["dana", "frank"])
def test_who_has_no_workspace_can_still_leave(
    person: str, width: int, height: int, open_context: OpenContext, watch: Watch
) -> None:
    page = open_context(person, width=width, height=height).new_page()
    page.goto("/")
    expect(page.get_by_role("heading", name="You have no workspace yet")).to_be_visible()
    expect(page.get_by_role("link", name="Open the console")).to_have_count(1)
    if width < 800:
        page.get_by_role("button", name="Open the list").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport()
    page.get_by_role("button", name="Light or dark").click()
    assert watch.errors == []


def test_the_platform_administrator_gets_to_the_console(open_context: OpenContext) -> None:
    page = open_context("dana").new_page()
    page.goto("/")
    page.get_by_role("link", name="Open the console").click()
    expect(page).to_have_url("/console/")
