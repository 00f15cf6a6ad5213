"""Conversations as trees: editing, turning between versions, answering again otherwise, comparing, going on."""

import json
import re
import urllib.request
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.test_asking import tokens_of
from tests.e2e.workspace import Workspace
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

QUICK = "[[part:answer tokens=12 tokens_per_s=300]]"
SLOW = "[[part:answer tokens=400 tokens_per_s=40]]"
LENGTH = "[[part:length tokens=12 tokens_per_s=300]]"

SECOND = """
INSERT INTO engines_engine (id, created_at, name, model, address, profile, state, detail, supports_thinking,
    supports_budget, context_tokens, answer_tokens, is_default, reserved)
SELECT gen_random_uuid(), now(), 'Second engine', 'scripted', address, profile, state, '', true,
    true, 0, 0, false, false
FROM engines_engine WHERE is_default
"""


@pytest.fixture
def second_engine(stack: Stack) -> Iterator[str]:
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute(SECOND)
        yield "Second engine"
        # Its runs stay; nobody may use it any more.
        connection.execute(
            "UPDATE engines_engine SET reserved = true, name = gen_random_uuid()::text WHERE name = 'Second engine'"
        )


def edit(workspace: Workspace, question: Locator, text: str) -> None:
    question.hover()
    question.get_by_role("button", name="Edit the question").click()
    workspace.page.get_by_label("The question, written anew").fill(text)
    workspace.page.get_by_label("The question, written anew").press("Enter")


def place(message: Locator) -> Locator:
    return message.locator("[data-branch-place]")


def turn(message: Locator, way: str) -> None:
    message.get_by_role("button", name=f"{way} version").click()


def wait_until_kept(page: Page, draft: str) -> None:
    for _ in range(100):
        if draft in page.evaluate("Object.values(localStorage)"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the draft was not kept")


def answer_again(workspace: Workspace) -> None:
    before = workspace.last.get_attribute("data-message")
    workspace.last.get_by_role("button", name="Answer again", exact=True).click()
    expect(workspace.last).not_to_have_attribute("data-message", before or "")
    workspace.wait_until_answered()


def test_an_edited_question_is_a_branch_beside_the_old_one(workspace: Workspace) -> None:
    workspace.ask_and_wait(f"First {QUICK}")
    workspace.ask_and_wait(f"Second {QUICK}")
    edit(workspace, workspace.questions.first, f"Otherwise {QUICK}")
    expect(workspace.questions).to_have_count(1)
    workspace.wait_until_answered()
    expect(place(workspace.questions.first)).to_have_text("2 / 2")
    turn(workspace.questions.first, "Previous")
    expect(workspace.questions).to_have_count(2)
    expect(workspace.questions.first).to_contain_text("First")
    expect(workspace.questions.last).to_contain_text("Second")
    expect(place(workspace.questions.first)).to_have_text("1 / 2")
    # The focus stays on the switcher: the next press goes on, by keyboard.
    expect(workspace.questions.first.get_by_role("button", name="Next version")).to_be_focused()
    workspace.page.keyboard.press("Enter")
    expect(workspace.questions.first).to_contain_text("Otherwise")
    workspace.page.reload()
    expect(workspace.questions.first).to_contain_text("Otherwise")
    expect(place(workspace.questions.first)).to_have_text("2 / 2")


def test_an_edit_is_left_by_escape_and_given_back_when_it_fails(workspace: Workspace, watch: Watch) -> None:
    workspace.ask_and_wait(f"As it was {QUICK}")
    question = workspace.questions.first
    question.hover()
    question.get_by_role("button", name="Edit the question").click()
    field = workspace.page.get_by_label("The question, written anew")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(question).to_contain_text("As it was")
    workspace.page.route("**/messages", lambda route: route.abort())
    edit(workspace, question, "Another")
    expect(workspace.page.get_by_role("alert")).to_be_visible()
    expect(field).to_have_value("Another")
    expect(workspace.answers).to_have_count(1)
    workspace.page.unroute("**/messages")
    assert not [error for error in watch.errors if "ERR_FAILED" not in error]


def test_an_answer_that_was_given_again_can_be_turned_back_and_compared(workspace: Workspace) -> None:
    workspace.ask_and_wait(QUICK)
    first = workspace.source()
    answer_again(workspace)
    second = workspace.source()
    assert first != second
    expect(place(workspace.last)).to_have_text("2 / 2")
    workspace.last.get_by_role("button", name="Compare the versions").click()
    dialog = workspace.page.get_by_role("dialog", name="Compare the versions")
    versions = dialog.locator("[data-version]")
    expect(versions.nth(0)).to_have_text(first.strip())
    expect(versions.nth(1)).to_have_text(second.strip())
    dialog.get_by_role("button", name="Use this one").first.click()
    expect(dialog).to_be_hidden()
    expect(place(workspace.last)).to_have_text("1 / 2")
    assert workspace.source() == first
    workspace.page.reload()
    expect(place(workspace.last)).to_have_text("1 / 2")


def test_a_question_can_be_answered_by_another_engine(
    second_engine: str, open_context: OpenContext, stack: Stack
) -> None:
    workspace = Workspace.opened(open_context().new_page())
    workspace.ask_and_wait(QUICK)
    expect(workspace.last.locator("[data-engine-name]")).to_have_text("default")
    workspace.last.get_by_role("button", name="Other ways to answer").press("Enter")
    menu = workspace.page.get_by_role("menu")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    workspace.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    workspace.last.get_by_role("button", name="Other ways to answer").click()
    menu.get_by_role("menuitem", name=f"With {second_engine}").click()
    expect(workspace.last.locator("[data-engine-name]")).to_have_text(second_engine)
    workspace.wait_until_answered()
    with urllib.request.urlopen(f"{stack.engine_url}/requests", timeout=10) as answer:  # noqa: S310
        assert json.load(answer)[-1]["model"] == "scripted"
    workspace.page.reload()
    expect(workspace.last.locator("[data-engine-name]")).to_have_text(second_engine)
    turn(workspace.last, "Previous")
    expect(workspace.last.locator("[data-engine-name]")).to_have_text("default")


def test_a_question_can_be_answered_again_with_thinking(workspace: Workspace) -> None:
    workspace.ask_and_wait(QUICK.replace("answer", "reasoning"))
    workspace.last.get_by_role("button", name="Other ways to answer").click()
    workspace.page.get_by_role("menuitem").last.click()
    expect(workspace.last.locator("[data-reasoning]")).to_be_visible()
    workspace.wait_until_answered()
    expect(place(workspace.last)).to_have_text("2 / 2")


def test_a_stopped_answer_goes_on_where_it_stopped(workspace: Workspace) -> None:
    workspace.ask(SLOW)
    workspace.wait_until_begun()
    workspace.stop_button.click()
    workspace.wait_until_answered("cancelled")
    part = workspace.source()
    workspace.last.get_by_role("button", name="Continue").click()
    expect(workspace.body).to_contain_text(part.strip()[-30:])
    expect(workspace.stop_button).to_be_visible()
    workspace.wait_until_answered()
    whole = workspace.source()
    assert whole.startswith(part)
    assert tokens_of(whole[len(part) :]) == list(range(400))
    expect(workspace.last.get_by_role("button", name="Continue")).to_be_hidden()
    workspace.page.reload()
    workspace.wait_until_answered()
    assert workspace.source() == whole
    turn(workspace.last, "Previous")
    expect(workspace.last.get_by_text("Stopped.")).to_be_visible()


def test_an_answer_that_reached_its_length_says_so_and_goes_on(workspace: Workspace) -> None:
    workspace.ask_and_wait(LENGTH)
    reached = workspace.last.get_by_text("The answer reached its longest length.")
    expect(reached).to_be_visible()
    workspace.page.reload()
    expect(reached).to_be_visible()
    workspace.last.get_by_role("button", name="Continue").click()
    expect(reached).to_be_hidden()
    workspace.wait_until_answered()
    assert tokens_of(workspace.source()) == [*range(12), *range(12)]


def test_turning_in_one_tab_leaves_the_stream_of_another(workspace: Workspace) -> None:
    workspace.ask_and_wait(QUICK)
    answer_again(workspace)
    other = Workspace.opened(workspace.page.context.new_page(), workspace.page.url)
    expect(place(other.last)).to_have_text("2 / 2")
    workspace.ask(f"And more {SLOW}")
    workspace.wait_until_begun()
    turn(other.answers.first, "Previous")
    expect(other.page.get_by_role("alert")).to_contain_text("still being written")
    workspace.wait_until_answered()
    assert tokens_of(workspace.source()) == list(range(400))
    turn(other.answers.first, "Previous")
    expect(place(other.answers.first)).to_have_text("1 / 2")
    expect(other.questions).to_have_count(1)


def test_a_question_goes_under_what_its_tab_shows(workspace: Workspace) -> None:
    workspace.ask_and_wait(QUICK)
    first = workspace.source()
    other = Workspace.opened(workspace.page.context.new_page(), workspace.page.url)
    answer_again(workspace)
    # The other tab still shows the first answer, and its question belongs under that.
    other.page.bring_to_front()
    other.ask(f"About the first {QUICK}")
    expect(other.answers).to_have_count(2)
    other.wait_until_answered()
    other.page.reload()
    expect(place(other.answers.first)).to_have_text("1 / 2")
    expect(other.answers.first.locator("[data-body]")).to_have_text(first.strip())
    expect(other.questions.last).to_contain_text("About the first")


def test_a_branch_has_an_address_of_its_own(workspace: Workspace) -> None:
    workspace.ask_and_wait(QUICK)
    first = workspace.last.get_attribute("data-message")
    answer_again(workspace)
    page = workspace.page
    page.goto(f"{page.url.split('?')[0]}?at={first}")
    expect(place(workspace.last)).to_have_text("1 / 2")
    page.goto(page.url.split("?")[0])
    expect(place(workspace.last)).to_have_text("2 / 2")
    answer = page.goto(f"{page.url}?at={'0' * 8}-0000-4000-8000-{'0' * 12}")
    assert answer is not None
    assert answer.status == 400


def test_the_branch_is_copied_as_markdown(workspace: Workspace) -> None:
    workspace.ask_and_wait("Say it [[part:markdown tokens_per_s=900]]")
    workspace.ask_and_wait(f"And then {QUICK}")
    workspace.page.get_by_role("button", name="Copy the conversation as Markdown").click()
    expect(workspace.page.locator("#announcer")).to_have_text("Copied.")
    copied = workspace.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("# Say it")
    assert re.findall("^## (You|Answer)$", copied, re.MULTILINE) == ["You", "Answer", "You", "Answer"]
    assert "def total(costs" in copied


@pytest.mark.parametrize("way", ["button", "keys"])
def test_a_selection_is_quoted_in_the_next_question(workspace: Workspace, way: str) -> None:
    workspace.ask_and_wait("[[part:markdown tokens_per_s=900]]")
    workspace.field.fill("About this:")
    heading = workspace.body.get_by_role("heading", name="Delivery terms")
    heading.select_text()
    if way == "keys":
        workspace.page.keyboard.press("Alt+KeyQ")
    else:
        workspace.page.get_by_role("button", name="Quote").click()
    expect(workspace.field).to_have_value("About this:\n\n> Delivery terms\n\n")
    expect(workspace.field).to_be_focused()
    expect(workspace.page.get_by_role("button", name="Quote")).to_be_hidden()


def test_drafts_are_kept_for_each_conversation_and_gone_at_sign_out(open_context: OpenContext, stack: Stack) -> None:
    context = open_context(None)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("Name").fill("bob")
    page.get_by_label("Password", exact=True).fill(stack.password)
    page.get_by_role("button", name="Sign in").click()
    workspace = Workspace(page)
    workspace.ask_and_wait(QUICK)
    conversation = page.url
    workspace.field.fill("In this one")
    wait_until_kept(page, "In this one")
    page.goto("/")
    expect(workspace.field).to_have_value("")
    workspace.field.fill("In a new one")
    wait_until_kept(page, "In a new one")
    page.reload()
    expect(workspace.field).to_have_value("In a new one")
    page.goto(conversation)
    expect(workspace.field).to_have_value("In this one")
    workspace.field.fill(f"Asked {QUICK}")
    workspace.field.press("Enter")
    workspace.wait_until_answered()
    page.reload()
    expect(workspace.field).to_have_value("")
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft:')).length") == 1
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Name").wait_for()
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft:'))") == []
