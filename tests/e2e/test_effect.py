"""What a change would do comes after its page: told when it is there, and what to do where it cannot be had."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import OpenContext, Watch

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def asks_to_take_out(page: Page) -> Page:
    """Opens the question and not more."""
    page.goto("/console/departments/")
    page.get_by_role("link", name="Logistics", exact=True).click()
    link = page.get_by_role("row").filter(has_text="alice").get_by_role("link", name="Take out")
    page.goto(link.get_attribute("href") or "")
    return page


def test_the_effect_arrives_and_the_button_waits_for_it(open_context: OpenContext, watch: Watch) -> None:
    page = open_context("dana").new_page()
    held: list[Route] = []
    page.route(
        "**/take-out/", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    asks_to_take_out(page)
    effect, save = page.locator("#effect"), page.get_by_role("button", name="Take out")
    expect(effect).to_have_attribute("aria-live", "polite")
    expect(effect).to_have_attribute("aria-busy", "true")
    expect(effect).to_contain_text("Finding out")
    expect(save).to_be_disabled()
    held.pop().continue_()
    expect(effect).to_contain_text(re.compile("loses access to"))
    expect(effect).to_have_attribute("aria-busy", "false")
    expect(save).to_be_enabled()
    assert watch.errors == []


def test_what_to_do_where_the_effect_cannot_be_had(open_context: OpenContext) -> None:
    page = open_context("dana").new_page()
    page.route("**/take-out/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    asks_to_take_out(page)
    effect, save = page.locator("#effect"), page.get_by_role("button", name="Take out")
    expect(effect).to_contain_text("could not be found out")
    expect(save).to_be_disabled()
    page.unroute("**/take-out/")
    page.get_by_role("button", name="Try again").click()
    expect(effect).to_contain_text(re.compile("loses access to"))
    expect(save).to_be_enabled()


def test_a_refusal_says_why_and_leaves_nothing_to_save(open_context: OpenContext) -> None:
    page = open_context("dana").new_page()
    page.goto("/console/roles/")
    role = page.get_by_role("link", name="Member", exact=True).get_attribute("href")
    page.goto(f"{role}remove/")
    effect = page.locator("#effect")
    expect(effect).to_contain_text("Nothing was changed, and this cannot be saved.")
    expect(page.get_by_role("button", name="Remove")).to_have_count(0)
    expect(page.get_by_role("link", name="Cancel")).to_be_visible()
