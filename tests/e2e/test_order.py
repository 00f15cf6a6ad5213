"""The side list's menu, deleting and bringing back, the search and the palette, as people use them."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.test_looks import check
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

QUICK = "[[part:answer tokens=5 tokens_per_s=200]]"


def row(page: Page, title: str) -> Locator:
    return page.locator("#side-list [data-conversation]", has_text=title)


def open_menu(page: Page, title: str) -> None:
    row(page, title).hover()
    row(page, title).get_by_role("button", name="More").click()


def rename(page: Page, title: str, new: str) -> None:
    row(page, title).locator("a").focus()
    page.keyboard.press("F2")
    expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    page.keyboard.type(new)
    page.keyboard.press("Enter")


def asked(workspace: Workspace, question: str) -> None:
    workspace.page.goto("/")
    workspace.ask_and_wait(f"{question} {QUICK}")
    expect(row(workspace.page, f"{question}, in short")).to_be_visible()


def test_the_title_comes_live_from_the_model(workspace: Workspace) -> None:
    asked(workspace, "Which quay for vessel Alma")
    expect(workspace.page).to_have_title(re.compile("^Which quay for vessel Alma, in short · "))
    expect(workspace.page.locator("#title")).to_have_text("Which quay for vessel Alma, in short")


def test_menu_pin_folder_and_rename(workspace: Workspace) -> None:
    page = workspace.page
    asked(workspace, "Berth plan")
    open_menu(page, "Berth plan")
    page.get_by_role("menuitem", name="Pin").click()
    expect(page.locator("#pinned")).to_contain_text("Berth plan")
    open_menu(page, "Berth plan")
    page.get_by_role("menuitem", name="Move to a folder").click()
    page.get_by_role("menuitem", name="New folder").click()
    page.get_by_label("Name of the folder").fill("Harbour")
    page.keyboard.press("Enter")
    folder = page.locator("[data-folder-row]", has_text="Harbour")
    expect(folder.locator("details")).to_have_attribute("open", "")
    expect(folder).to_contain_text("Berth plan")
    rename(page, "Berth plan", "Quay <b>7</b>")
    expect(page.locator("#title")).to_have_text("Quay <b>7</b>")
    page.reload()
    expect(row(page, "Quay <b>7</b>")).to_be_visible()
    # Another tab of the same person hears of it.
    other = Workspace.opened(page.context.new_page(), page.url.replace(page.url.split("/c/")[0], ""))
    rename(page, "Quay <b>7</b>", "Quay eight")
    expect(other.page.locator("#title")).to_have_text("Quay eight")
    expect(row(other.page, "Quay eight")).to_be_visible()


def test_delete_undo_and_recently_deleted(workspace: Workspace) -> None:
    page = workspace.page
    asked(workspace, "Lost container")
    address = page.url
    open_menu(page, "Lost container")
    page.get_by_role("menuitem", name="Delete").click()
    expect(page).to_have_url(re.compile("/w/[0-9a-f-]+/$"))
    expect(row(page, "Lost container")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(address)
    expect(row(page, "Lost container")).to_be_visible()
    row(page, "Lost container").locator("a").focus()
    page.keyboard.press("Delete")
    expect(page).to_have_url(re.compile("/w/[0-9a-f-]+/$"))
    page.get_by_role("link", name="Recently deleted").click()
    item = page.get_by_role("listitem").filter(has_text="Lost container")
    item.get_by_role("button", name="Restore").click()
    expect(item).to_have_count(0)
    page.goto("/")
    expect(row(page, "Lost container")).to_be_visible()


def test_search_by_the_palette_with_the_keyboard_alone_leads_to_the_message(workspace: Workspace) -> None:
    page = workspace.page
    asked(workspace, "Where does zanzibar cargo wait")
    for number in range(3):
        workspace.ask_and_wait(f"Follow up {number} [[part:markdown tokens_per_s=400]]")
    page.goto("/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()

    def found() -> Locator:
        return page.get_by_role("group", name="Messages").get_by_role("option").first

    # The index is filled every two seconds.
    for _ in range(10):
        field.fill("")
        field.press_sequentially("zanzib")
        page.wait_for_timeout(1_000)
        if found().count():
            break
    expect(found().locator("mark")).to_have_text("zanzibar")
    for _ in range(20):
        if found().get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == found().get_attribute("id")
    page.keyboard.press("Enter")
    message = page.locator("#messages > .is-found")
    expect(message).to_contain_text("zanzibar")
    expect(message).to_be_focused()
    expect(message).to_be_in_viewport()


def test_the_page_of_the_search(workspace: Workspace) -> None:
    page = workspace.page
    asked(workspace, "Rotterdam customs seal")
    for _ in range(10):
        page.goto("/search/?q=rotterdam&author=user")
        if page.locator(".finds mark").count():
            break
        page.wait_for_timeout(1_000)
    expect(page.locator("ol.finds mark").first).to_have_text("Rotterdam")
    page.locator("ol.finds a").first.click()
    expect(page.locator(".is-found")).to_contain_text("Rotterdam")


def test_shortcuts_are_listed(workspace: Workspace, watch: Watch) -> None:
    page = workspace.page
    page.locator("#main").evaluate("() => document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Rename the conversation")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert watch.errors == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["wide", "narrow"])
def test_they_look_right(open_context: OpenContext, width: int, height: int, dark: bool) -> None:
    kind = f"{width}-{'dark' if dark else 'light'}"
    workspace = Workspace.opened(open_context(width=width, height=height, dark=dark).new_page())
    page = workspace.page
    workspace.ask_and_wait(f"How to look {kind} at a harbour {QUICK}")
    if width < 800:
        page.get_by_role("button", name="Open the list").click()
    open_menu(page, f"How to look {kind}")
    check(page, f"menu-{kind}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("combobox").fill("harbour")
    page.wait_for_timeout(1_500)
    check(page, f"palette-{kind}")
    for name, path in (("search", "/search/?q=harbour"), ("notices", "/notices/")):
        page.goto(path)
        check(page, f"{name}-{kind}")
    page.goto("/")
    for name in ("Archived", "Recently deleted"):
        page.goto(page.get_by_role("link", name=name, include_hidden=True).get_attribute("href") or "")
        check(page, f"{name.replace(' ', '-').lower()}-{kind}")
        page.goto("/")
