import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenContext, Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_a_wrong_password_is_named_and_the_name_is_kept(open_context: OpenContext) -> None:
    page = open_context(None).new_page()
    page.goto("/")
    expect(page).to_have_url("/sign-in/?next=/")
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("alice")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()


def test_signing_in_leads_to_the_page_that_was_asked_for_and_signing_out_closes_it(
    open_context: OpenContext, stack: Stack
) -> None:
    page = open_context(None).new_page()
    page.goto("/")
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password", exact=True).fill(stack.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url("/")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/sign-in/")
    page.goto("/")
    expect(page).to_have_url("/sign-in/?next=/")


def test_the_password_can_be_shown(open_context: OpenContext) -> None:
    page = open_context(None).new_page()
    page.goto("/sign-in/")
    field = page.get_by_label("Password", exact=True)
    page.get_by_role("button", name="Show the password").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Show the password").click()
    expect(field).to_have_attribute("type", "password")


def test_what_is_not_there_is_a_page_that_leads_back(open_context: OpenContext) -> None:
    page = open_context().new_page()
    answer = page.goto("/c/00000000-0000-4000-8000-000000000000/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    page.get_by_role("link", name="Go to your workspace").click()
    expect(page.get_by_label("Your question")).to_be_visible()
