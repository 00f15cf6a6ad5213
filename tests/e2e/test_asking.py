import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

SLOW = "[[part:answer tokens=400 tokens_per_s=40]]"
QUICK = "[[part:answer tokens=20 tokens_per_s=200]]"
TOKEN = re.compile(r"\bt(\d+)@\d+")


def tokens_of(text: str) -> list[int]:
    return [int(number) for number in TOKEN.findall(text)]


def test_an_answer_streams_in_and_is_kept(workspace: Workspace) -> None:
    workspace.field.fill(f"Compare the lanes {SLOW}")
    workspace.field.press("Shift+Enter")
    expect(workspace.questions).to_have_count(0)
    workspace.field.press("Enter")
    workspace.wait_until_begun()
    early = len(tokens_of(workspace.body.inner_text()))
    assert 0 < early < 400
    expect(workspace.page).to_have_url(re.compile("/c/[0-9a-f-]{36}/$"))
    expect(workspace.page.locator("#conversations [aria-current]")).to_contain_text("Compare the lanes")
    expect(workspace.page).to_have_title(re.compile("^Compare the lanes"))
    workspace.wait_until_answered()
    expect(workspace.field).to_be_focused()
    assert tokens_of(workspace.source()) == list(range(400))


def test_markdown_code_tables_and_mathematics_are_rendered(workspace: Workspace) -> None:
    workspace.ask_and_wait("[[part:markdown tokens_per_s=300]]")
    body = workspace.body
    expect(body.get_by_role("heading", name="Delivery terms")).to_be_visible()
    expect(body.locator("table tbody tr")).to_have_count(3)
    assert body.locator("td").nth(2).get_attribute("align") == "right"
    expect(body.locator(".code-block [data-label]")).to_have_text("python")
    expect(body.locator(".code-block .hljs-keyword").first).to_be_visible()
    expect(body.locator(".katex")).to_have_count(2)
    expect(body.locator("ol > li > ul > li")).to_have_count(2)
    assert body.locator("p", has_text="العقد").evaluate("element => getComputedStyle(element).direction") == "rtl"


def test_code_is_copied_as_it_was_written(workspace: Workspace) -> None:
    workspace.ask_and_wait("[[part:markdown tokens_per_s=300]]")
    workspace.body.get_by_role("button", name="Copy").click()
    expect(workspace.page.locator("#announcer")).to_have_text("Copied.")
    copied = workspace.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("def total(costs: list[float]) -> float:\n    return sum(costs)")


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_stop_ends_the_answer_and_keeps_what_came(workspace: Workspace, way: str) -> None:
    workspace.ask(SLOW)
    workspace.wait_until_begun()
    if way == "button":
        workspace.stop_button.click()
    else:
        workspace.page.keyboard.press("Escape")
    workspace.wait_until_answered("cancelled")
    kept = tokens_of(workspace.body.inner_text())
    assert 0 < len(kept) < 400
    expect(workspace.last.get_by_text("Stopped.")).to_be_visible()
    expect(workspace.field).to_be_focused()
    workspace.page.reload()
    workspace.wait_until_answered("cancelled")
    assert tokens_of(workspace.body.inner_text())[: len(kept)] == kept


def test_stop_works_from_another_device(workspace: Workspace, open_context: OpenContext) -> None:
    workspace.ask(SLOW)
    workspace.wait_until_begun()
    other = Workspace.opened(open_context(width=390, height=844).new_page(), workspace.page.url)
    other.wait_until_begun()
    other.stop_button.click()
    other.wait_until_answered("cancelled")
    workspace.wait_until_answered("cancelled")


def test_an_answer_can_be_asked_for_again(workspace: Workspace) -> None:
    workspace.ask_and_wait(QUICK)
    first = workspace.body.inner_text()
    workspace.last.get_by_role("button", name="Answer again").click()
    expect(workspace.body).not_to_contain_text(first[:24])
    workspace.wait_until_answered()
    assert tokens_of(workspace.body.inner_text()) == list(range(20))
    expect(workspace.answers).to_have_count(1)
    expect(workspace.questions).to_have_count(1)


def test_a_failed_answer_says_so_and_can_be_retried(workspace: Workspace) -> None:
    workspace.ask("[[part:error-mid tokens=10 tokens_per_s=200]]")
    workspace.wait_until_answered("failed")
    expect(workspace.last.locator("[data-error-text]")).to_be_visible()
    workspace.last.get_by_role("button", name="Retry").click()
    expect(workspace.last.locator("[data-error]")).to_be_hidden()
    workspace.wait_until_answered("failed")
    expect(workspace.answers).to_have_count(1)


def test_thinking_is_shown_folded_above_the_answer_and_remembered(workspace: Workspace) -> None:
    switch = workspace.page.get_by_role("button", name="Thinking")
    expect(switch).to_have_text(re.compile("off$"))
    workspace.ask_and_wait(QUICK.replace("answer", "reasoning"))
    expect(workspace.last.locator("[data-reasoning]")).to_be_hidden()
    workspace.think("Deep")
    workspace.ask_and_wait(QUICK.replace("answer", "reasoning"))
    reasoning = workspace.last.locator("[data-reasoning]")
    expect(reasoning.locator("summary")).to_have_text(re.compile(r"Thought for \d+ s, 5 tokens"))
    expect(reasoning.locator("[data-reasoning-text]")).to_be_hidden()
    reasoning.locator("summary").click()
    expect(reasoning.locator("[data-reasoning-text]")).to_contain_text("r4@")
    workspace.page.reload()
    expect(switch).to_have_text(re.compile("deep$"))
    expect(workspace.last.locator("[data-reasoning]")).to_be_visible()


def test_what_another_tab_asks_appears_here(workspace: Workspace) -> None:
    workspace.ask_and_wait(QUICK)
    other = Workspace.opened(workspace.page.context.new_page(), workspace.page.url)
    other.ask_and_wait(f"A second question {QUICK}")
    workspace.page.bring_to_front()
    workspace.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(workspace.answers).to_have_count(2)
    expect(workspace.questions.last).to_contain_text("A second question")
    assert tokens_of(workspace.body.inner_text()) == list(range(20))


def test_nothing_can_be_sent_that_is_empty(workspace: Workspace) -> None:
    send = workspace.page.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    workspace.field.fill("  \n ")
    workspace.field.press("Enter")
    expect(send).to_be_disabled()
    expect(workspace.questions).to_have_count(0)


def test_a_question_that_could_not_be_sent_is_given_back(workspace: Workspace, watch: Watch) -> None:
    workspace.page.route("**/api/conversations", lambda route: route.abort())
    workspace.ask(f"Keep this {QUICK}")
    expect(workspace.page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(workspace.field).to_have_value(f"Keep this {QUICK}")
    expect(workspace.questions).to_have_count(0)
    workspace.page.unroute("**/api/conversations")
    workspace.field.press("Enter")
    expect(workspace.page.get_by_role("alert")).to_be_hidden()
    workspace.wait_until_answered()
    assert not [error for error in watch.errors if "ERR_FAILED" not in error]


def test_an_answer_without_text_says_so_and_can_be_retried(workspace: Workspace) -> None:
    workspace.ask_and_wait("[[part:tool]]")
    expect(workspace.last).to_contain_text("The model gave no answer.")
    workspace.page.reload()
    expect(workspace.last).to_contain_text("The model gave no answer.")
    expect(workspace.last.get_by_role("button", name="Answer again")).to_be_hidden()
    workspace.last.get_by_role("button", name="Retry").click()
    expect(workspace.answers).to_have_count(1)
    workspace.wait_until_answered()


def test_the_tokens_of_a_stopped_answer_are_counted(workspace: Workspace) -> None:
    workspace.ask(SLOW)
    workspace.wait_until_begun()
    workspace.stop_button.click()
    workspace.wait_until_answered("cancelled")
    usage = workspace.last.locator("[data-usage]")
    expect(usage).to_have_text(re.compile(r"^[1-9]\d* tokens$"))
    workspace.page.reload()
    expect(usage).to_have_text(re.compile(r"^[1-9]\d* tokens$"))
