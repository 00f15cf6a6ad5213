"""The tree of departments in the console: moved with the pointer and by keyboard, and seen before it is saved."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext, Watch

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def row(page: Page, name: str) -> Locator:
    return page.locator("#tree tbody tr").filter(has=page.get_by_role("link", name=name, exact=True))


def opened(page: Page) -> Page:
    page.goto("/console/departments/")
    expect(row(page, "Customs")).to_be_visible()
    expect(row(page, "Customs").get_by_role("button")).to_have_count(1)
    return page


def drag(page: Page, name: str, onto: str) -> None:
    """In steps, as a hand does it: the first move begins the drag, those after it go over the target."""
    for place, press in ((name, True), (onto, False)):
        box = row(page, place).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 300, box["y"] + box["height"] / 2, steps=8)
        if press:
            page.mouse.down()
    page.mouse.up()


def level(page: Page, name: str, expected: int) -> None:
    expect(row(page, name)).to_have_attribute("aria-level", str(expected))


def test_a_department_is_dragged_seen_and_saved_and_brought_back_by_keyboard(
    open_context: OpenContext, watch: Watch
) -> None:
    page = opened(open_context("dana").new_page())
    level(page, "Customs", 4)
    drag(page, "Customs", "Support")
    expect(page).to_have_url(re.compile(r"/move/\?to="))
    loses = page.get_by_text(re.compile(r"lose access to Declarations"))
    expect(loses).to_be_visible()
    expect(page.get_by_text("alice")).to_be_hidden()
    loses.click()
    expect(page.get_by_text("Alice Moreau (alice)")).to_be_visible()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page).to_have_url(re.compile(r"/console/departments/$"))
    parent = row(page, "Customs").locator("xpath=preceding-sibling::tr[@aria-level='3'][1]")
    expect(parent).to_contain_text("Support")

    row(page, "Customs").focus()
    page.keyboard.press("Space")
    expect(page.locator("#tree-status")).to_contain_text("Customs is picked up")
    row(page, "Logistics").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"gain access to Declarations"))).to_be_visible()
    page.get_by_role("button", name="Move", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"/console/departments/$"))
    parent = row(page, "Customs").locator("xpath=preceding-sibling::tr[@aria-level='3'][1]")
    expect(parent).to_contain_text("Logistics")
    assert watch.errors == []


def test_cancel_and_places_that_cannot_be(open_context: OpenContext, watch: Watch) -> None:
    page = opened(open_context("dana").new_page())
    row(page, "Operations").focus()
    page.keyboard.press("Space")
    row(page, "Customs").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tree-status")).to_have_text("It cannot go there.")
    page.keyboard.press("Escape")
    drag(page, "Customs", "Legal")
    page.get_by_role("link", name="Cancel").click()
    level(page, "Customs", 4)
    assert watch.errors == []


def test_folding_arrows_and_search(open_context: OpenContext, watch: Watch) -> None:
    page = opened(open_context("dana").new_page())
    row(page, "Operations").focus()
    page.keyboard.press("ArrowLeft")
    expect(row(page, "Operations")).to_have_attribute("aria-expanded", "false")
    expect(row(page, "Customs")).to_be_hidden()
    page.get_by_label("Find a department").fill("cust")
    expect(row(page, "Customs")).to_be_visible()
    expect(row(page, "Legal")).to_be_hidden()
    page.get_by_label("Find a department").fill("")
    row(page, "Operations").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(row(page, "Logistics")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    assert watch.errors == []


def test_a_small_screen_moves_by_the_menu(open_context: OpenContext, watch: Watch) -> None:
    page = opened(open_context("erin", width=390, height=844).new_page())
    expect(row(page, "Legal")).to_have_count(0)
    row(page, "Customs").get_by_role("button", name="Actions for Customs").click()
    page.get_by_role("link", name="Move…").click()
    page.get_by_label("Move to").select_option("Logistics")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_text("Nobody gains or loses access.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    row(page, "Logistics").get_by_role("button", name="Actions for Logistics").click()
    expect(page.locator("#tree-menu a", has_text="Rename")).to_be_visible()
    expect(page.locator("#tree-menu a[data-act=move]")).to_be_hidden()
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    assert watch.errors == []
