"""Prompts from the library into the question, by keyboard, palette and page; instructions and first questions."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

QUICK = "[[part:answer tokens=5 tokens_per_s=200]]"


def make(page: Page, name: str, text: str, place: str = "") -> None:
    page.goto("/prompts/")
    page.get_by_role("button", name="New prompt").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Text", exact=True).fill(text)
    if place:
        page.get_by_label("Who uses it").select_option(label=place)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def test_a_slash_finds_a_prompt_and_its_form_fills_it(workspace: Workspace, watch: Watch) -> None:
    page = workspace.page
    make(
        page,
        "Quay question",
        "Where is {{ship:Alma}} on {{day|date:2026-07-01}}?\n{{tone|choice:Shortly|At length}}. {{note|long}}",
    )
    page.goto("/")
    workspace.field.press_sequentially("/quay")
    option = page.get_by_role("option", name="Quay question")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(workspace.field).to_have_attribute("aria-activedescendant", "prompt-option-0")
    workspace.field.press("Enter")
    dialog = page.get_by_role("dialog", name="Quay question")
    expect(dialog.get_by_label("ship")).to_be_focused()
    dialog.get_by_label("ship").fill("Berta {{x}}")
    dialog.get_by_label("tone").select_option("At length")
    dialog.get_by_label("note").fill("Thanks.")
    dialog.get_by_role("button", name="Insert").click()
    expect(workspace.field).to_have_value("Where is Berta {{x}} on 2026-07-01?\nAt length. Thanks.")
    expect(workspace.field).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("In your question. Nothing is sent yet.")
    # Nothing was asked.
    expect(workspace.answers).to_have_count(0)
    assert watch.errors == []
    assert watch.foreign == []


def test_what_no_prompt_is_called_is_a_question(workspace: Workspace) -> None:
    page = workspace.page
    workspace.field.press_sequentially("/etc/hosts says what?")
    expect(page.locator("#prompt-list")).to_have_count(0)
    workspace.field.fill("")
    workspace.field.press_sequentially("/zzz")
    expect(page.locator("#prompt-list")).to_be_hidden()
    workspace.field.fill("")
    workspace.field.press_sequentially("/")
    expect(page.get_by_role("option").first).to_be_visible()
    workspace.field.press("Escape")
    expect(page.locator("#prompt-list")).to_have_count(0)
    expect(workspace.field).to_have_value("/")
    expect(workspace.field).not_to_have_attribute("role", "combobox")


def test_leaving_the_form_leaves_the_question(workspace: Workspace) -> None:
    workspace.field.press_sequentially("/carrier")
    expect(workspace.page.get_by_role("option", name="Letter to a carrier")).to_be_visible()
    workspace.field.press("Tab")
    workspace.page.keyboard.press("Escape")
    expect(workspace.page.locator("dialog[open]")).to_have_count(0)
    expect(workspace.field).to_have_value("/carrier")


def test_the_palette_puts_a_prompt_where_the_cursor_is(workspace: Workspace) -> None:
    page = workspace.page
    make(page, "Ending", "Answer in one sentence.")
    page.goto("/")
    workspace.field.press_sequentially("Where is Alma? ")
    page.keyboard.press("Control+k")
    page.locator(".palette__field").fill("Ending")
    page.get_by_role("option", name="Ending").filter(has_text="Yours").click()
    expect(workspace.field).to_have_value("Where is Alma? Answer in one sentence.")


def test_the_page_of_the_library(workspace: Workspace, watch: Watch) -> None:
    page = workspace.page
    page.goto("/prompts/")
    page.get_by_role("button", name="New prompt").click()
    page.get_by_label("Name").fill("Cargo list")
    page.get_by_label("Text", exact=True).fill("List it.\n{{what|colour}}")
    page.get_by_role("button", name="Save").click()
    # Said where it is, and nothing is lost.
    expect(page.get_by_role("alert").filter(has_text="Line 2: “what”: the kind is one of")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Cargo list")
    page.get_by_label("Text", exact=True).fill("List {{what}}.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Edit Cargo list").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("List {{what}}.")
    page.get_by_label("Name").fill("Cargo table")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Delete Cargo table").click()
    expect(page.get_by_role("link", name="Cargo table")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Cargo table")).to_be_visible()
    # What is the department's is copied to change it.
    expect(page.get_by_role("button", name="Edit Letter to a carrier")).to_have_count(0)
    page.get_by_role("button", name="Copy Letter to a carrier to your own").click()
    expect(page).to_have_url(re.compile("of=own"))
    expect(page.get_by_role("button", name="Edit Letter to a carrier")).to_be_visible()
    page.get_by_role("searchbox").fill("no such prompt")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_text("No prompt fits.")).to_be_visible()
    assert watch.errors == [text for text in watch.errors if "400" in text]


def test_the_manager_s_prompt_is_everybody_s(open_context: OpenContext) -> None:
    make(open_context("erin").new_page(), "Desk rule", "Follow rule {{number}}.", "Export planning · Logistics")
    alice = Workspace.opened(open_context("alice").new_page())
    alice.page.get_by_role("link", name="Prompts").click()
    alice.page.get_by_role("link", name="Desk rule").click()
    alice.page.get_by_label("number").fill("7")
    alice.page.keyboard.press("Enter")
    expect(alice.field).to_have_value("Follow rule 7.")
    expect(alice.page).not_to_have_url(re.compile("prompt="))


def test_a_first_question_goes_into_the_question(workspace: Workspace) -> None:
    card = workspace.page.locator("[data-first-question]").first
    text = card.inner_text()
    card.click()
    expect(workspace.field).to_have_value(text)
    expect(workspace.answers).to_have_count(0)


def test_instructions_are_read_by_who_asks_and_by_the_model(open_context: OpenContext) -> None:
    erin = open_context("erin").new_page()
    erin.goto("/console/workspaces/")
    erin.get_by_role("link", name="Carrier letters").click()
    erin.get_by_role("link", name="Change the instructions").click()
    erin.get_by_label("Instructions").fill("Sign as Meridian.")
    erin.get_by_role("button", name="Save").click()
    expect(erin.get_by_text("Sign as Meridian.")).to_be_visible()
    address = erin.url.replace("/console/workspaces/", "/w/")
    alice = Workspace.opened(open_context("alice").new_page(), address)
    alice.page.get_by_text("This workspace has instructions").click()
    expect(alice.page.get_by_text("Sign as Meridian.")).to_be_visible()
    alice.page.keyboard.press("Escape")
    alice.ask_and_wait(f"Who signs? {QUICK}")
    alice.last.locator("[data-sent] summary").click()
    expect(alice.last.locator("[data-sent-body]")).to_contain_text("Of these the workspace's:")


def test_a_sample_conversation_has_its_documents(workspace: Workspace) -> None:
    page = workspace.page
    planning = page.locator(".switcher__menu a", has_text="Export planning").get_attribute("href")
    page.goto(str(planning))
    page.locator("#side-list a", has_text="Export week 27").click()
    expect(page.get_by_text("MF-2703").first).to_be_visible()
    page.get_by_role("button", name="export-mails.mbox").click()
    expect(page.get_by_role("dialog")).to_contain_text("Halden Star")
