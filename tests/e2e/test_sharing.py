"""Two people: one shares, the other comments and mentions, the first is led there, and moves the conversation away."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.test_looks import check
from tests.e2e.test_order import QUICK, open_menu
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

SAID = "Please look at this, "


def share_with(page: Page, name: str) -> None:
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share this conversation")
    dialog.get_by_role("combobox", name="Add a person").press_sequentially(name)
    expect(dialog.locator("#sharing-found [aria-selected=true]")).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(dialog.locator("[data-shares]")).to_contain_text(name)


def comment(page: Page, text: str, mentioned: str) -> None:
    """By keyboard alone, once the panel is open."""
    field = page.get_by_label("Your comment")
    expect(field).to_be_focused()
    page.keyboard.type(f"{text}@{mentioned[:3]}")
    expect(page.locator(".mentions [aria-selected=true]")).to_contain_text(mentioned)
    page.keyboard.press("Enter")
    page.keyboard.type("https://example.org/a")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comment__text")).to_have_text(f"{text}@{mentioned} https://example.org/a")


def test_the_whole_way_with_two_people(open_context: OpenContext, watch: Watch) -> None:
    alice = Workspace.opened(open_context("alice").new_page())
    bob = Workspace.opened(open_context("bob").new_page())
    # Bob may not open the first of hers.
    place = alice.page.locator(".switcher a", has_text="Export planning").get_attribute("href")
    alice = Workspace.opened(alice.page, place or "")
    alice.ask_and_wait(f"Quay for vessel Berta {QUICK}")
    address = alice.page.url
    title = alice.page.locator("#title")
    expect(title).to_contain_text("in short")

    share_with(alice.page, "Bob Okafor")
    check(alice.page, "sharing")
    alice.page.keyboard.press("Escape")
    expect(alice.page.locator("#share")).to_have_attribute("data-shared", "")

    told = bob.page.locator(".told", has_text="Alice Moreau shared")
    expect(told).to_be_visible()
    told.get_by_role("link", name="Show the conversation").click()
    expect(bob.page.locator(".main__owner")).to_contain_text("Shared by Alice Moreau")
    expect(bob.page.locator("#composer")).to_be_hidden()
    expect(bob.page.locator("#shared")).to_contain_text("Alice Moreau")

    bob.last.get_by_role("button", name="Comments").click()
    comment(bob.page, SAID, "Alice Moreau")
    expect(bob.page.locator(".comment .mention")).to_have_text("@Alice Moreau")
    bob.page.locator(".comment [role=link]").click()
    expect(bob.page.get_by_role("dialog", name="Open this address?")).to_contain_text("https://example.org/a")
    bob.page.keyboard.press("Escape")
    expect(alice.last.locator("[data-count]")).to_have_text("1")

    mention = alice.page.locator(".told", has_text="Bob Okafor mentioned you")
    expect(mention).to_be_visible()
    mention.get_by_role("link", name="Show the comment").click()
    expect(alice.page.get_by_role("complementary", name="Comments")).to_contain_text(SAID)
    check(alice.page, "comments")
    alice.page.get_by_label("Your comment").press("Escape")
    expect(alice.page.get_by_role("complementary", name="Comments")).to_be_hidden()

    open_menu(alice.page, "Quay for vessel Berta")
    alice.page.get_by_role("menuitem", name="Move to another workspace").click()
    dialog = alice.page.get_by_role("dialog", name="Move to another workspace")
    dialog.get_by_label("Workspace").select_option(label="Carrier letters · Logistics")
    expect(dialog).to_contain_text("1 person loses access: Bob Okafor")
    check(alice.page, "moving")
    dialog.get_by_role("button", name="Move").click()
    undo = alice.page.locator(".toast", has_text="Carrier letters")
    expect(undo).to_be_visible()
    expect(alice.page.locator(".switcher__name")).to_have_text("Carrier letters")
    assert bob.page.request.get(address).status == 404
    undo.get_by_role("button", name="Undo").click()
    expect(alice.page.locator(".switcher__name")).to_have_text("Export planning")
    assert bob.page.request.get(address).status == 200
    assert [said for said in watch.errors if "404" not in said] == []
    assert watch.foreign == []


@pytest.mark.parametrize(("width", "dark"), [(1440, True), (390, False), (390, True)])
def test_looks(open_context: OpenContext, width: int, *, dark: bool) -> None:
    page = open_context("alice", width=width, height=844, dark=dark).new_page()
    workspace = Workspace.opened(page)
    workspace.ask_and_wait(f"Quay for vessel Carla {QUICK}")
    name = f"{width}-{'dark' if dark else 'light'}"
    share_with(page, "Erin Tanaka")
    check(page, f"sharing-{name}")
    page.keyboard.press("Escape")
    page.locator("#share").wait_for()
    check(page, f"shared-{name}")
    workspace.last.get_by_role("button", name="Comments").click()
    page.get_by_label("Your comment").fill("A first remark, and an address: https://example.org/terms")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment")).to_have_count(1)
    page.get_by_label("Your comment").press_sequentially("@e")
    expect(page.locator(".mentions [role=option]")).to_have_text(re.compile("Erin Tanaka"))
    check(page, f"comments-{name}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete this comment?").click()
    expect(page.locator(".comment")).to_have_count(0)
