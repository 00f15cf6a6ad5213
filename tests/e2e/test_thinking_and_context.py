"""How much the model thinks and reads, as a person sees and chooses it."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

THINKS_LONG = "[[part:reasoning tokens=4000 tokens_per_s=40]]"
QUICK = "[[part:reasoning tokens=40 tokens_per_s=400]]"


def test_the_menu_works_by_keyboard_and_the_choice_is_remembered(workspace: Workspace) -> None:
    page = workspace.page
    button = page.get_by_role("button", name="Thinking")
    button.focus()
    button.press("ArrowDown")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("menuitemradio", name="Off")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("menuitemradio", name="Deep")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitemradio", name="1,024 tokens")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.get_by_role("menu")).to_be_hidden()
    expect(button).to_contain_text("off")
    button.press("Enter")
    expect(page.get_by_role("menuitemradio", name="Off")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(button).to_contain_text("up to 1,024 tokens")
    expect(button).to_be_focused()
    workspace.ask_and_wait(QUICK)
    page.reload()
    expect(button).to_contain_text("up to 1,024 tokens")
    answer = page.request.get(f"/api/conversations/{page.url.rstrip('/').rpartition('/')[2]}/messages").json()
    run = answer["items"][-1]["run"]
    assert (run["thinking"], run["thinking_budget"], run["reasoning_tokens"]) == ("budgeted", 1024, 10)


def test_thinking_is_open_while_it_lasts_and_can_be_ended_from_another_tab(
    workspace: Workspace, open_context: OpenContext
) -> None:
    workspace.think("Deep")
    workspace.ask(THINKS_LONG)
    thoughts = workspace.last.locator("[data-reasoning-text]")
    expect(thoughts).to_contain_text("r3@")
    expect(thoughts).to_be_visible()
    expect(workspace.last.locator("summary").first).to_have_text(re.compile(r"Thinking… \d+ s, [\d,]+ tokens"))
    other = Workspace.opened(open_context(width=390, height=844).new_page(), workspace.page.url)
    other.page.get_by_role("button", name="Stop thinking and answer now").click()
    workspace.wait_until_begun()
    expect(thoughts).to_be_hidden()
    expect(workspace.page.get_by_role("button", name="Stop thinking and answer now")).to_be_hidden()
    expect(workspace.last.locator("summary").first).to_have_text(re.compile(r"Thought for \d+ s, [\d,]+ tokens"))
    expect(workspace.answers).to_have_count(1)
    workspace.stop_button.click()
    workspace.wait_until_answered("cancelled")
    workspace.page.reload()
    expect(workspace.body).to_contain_text("t3@")


def test_the_meter_tells_what_is_read_before_it_is_sent(workspace: Workspace) -> None:
    meter = workspace.page.locator("#meter")
    expect(meter.locator("[data-meter-label]")).to_have_text("0%")
    workspace.field.fill("abc " * 30_000)
    expect(meter.locator("[data-meter-label]")).to_have_text("11%")
    meter.locator("summary").click()
    rows = meter.locator("dl")
    expect(rows).to_contain_text("about 30,000")
    expect(rows).to_contain_text("262,144")
    workspace.field.fill("abc " * 240_000 + "abcd" * 9_000)
    expect(meter.get_by_text("Too long for this model.")).to_be_hidden()
    workspace.field.fill("中" * 400_000)
    expect(meter.get_by_text("Too long for this model.")).to_be_visible()
    workspace.field.fill("")
    workspace.ask_and_wait(QUICK.replace("reasoning", "answer"))
    meter.locator("summary").click()
    expect(rows.locator("dd").first).to_have_text(re.compile(r"^\d\d+$"))


def test_an_answer_tells_what_the_model_saw(workspace: Workspace) -> None:
    workspace.ask_and_wait("[[part:answer tokens=5 tokens_per_s=400]]")
    workspace.ask_and_wait("[[part:answer tokens=5 tokens_per_s=400]]")
    for _ in range(2):
        panel = workspace.last.locator("[data-sent]")
        panel.locator("summary").click()
        expect(panel).to_contain_text(re.compile(r"The model read \d+ of at most 262,144 tokens\."))
        expect(panel).to_contain_text("Earlier messages in full: 2")
        expect(panel).to_contain_text("Nothing was left out.")
        workspace.page.reload()


def test_what_is_too_long_is_a_choice_and_its_summary_is_shown_where_it_stands(
    workspace: Workspace, watch: Watch
) -> None:
    for number in range(2):
        workspace.ask_and_wait(f"[[part:answer tokens=5 tokens_per_s=400]] Number {number}")
    workspace.ask("[[part:tight times=1]] Too long")
    workspace.wait_until_answered("failed")
    expect(workspace.last.locator("[data-error-text]")).to_contain_text("longer than the model can read")
    expect(workspace.last.get_by_role("button", name="Read in parts")).to_be_hidden()
    workspace.last.get_by_role("button", name="Use an engine that reads more").click()
    workspace.last.get_by_role("button", name="Summarise earlier messages").click()
    workspace.wait_until_answered()
    expect(workspace.body).to_contain_text("t3@")
    panel = workspace.last.locator("[data-sent]")
    panel.locator("summary").click()
    expect(panel).to_contain_text("Compacted: a summary in place of")
    workspace.page.reload()
    marker = workspace.page.get_by_text("From here on the model reads a summary of the")
    expect(marker).to_be_visible()
    marker.click()
    expect(workspace.page.locator(".compaction__text")).to_contain_text("t0@")
    expect(workspace.questions.first).to_contain_text("Number 0")
    assert watch.errors == []


def test_what_cannot_fit_is_refused_with_choices_before_it_is_stored(workspace: Workspace) -> None:
    workspace.field.fill("[[part:answer tokens=5 tokens_per_s=400]] " + "中" * 700_000)
    workspace.field.press("Enter")
    problem = workspace.page.locator("#problem")
    expect(problem).to_contain_text("longer than the model can read")
    expect(workspace.answers).to_have_count(0)
    expect(workspace.field).not_to_be_empty()
    problem.get_by_role("button", name="Read in parts").click()
    expect(workspace.answers).to_have_count(1)
    workspace.wait_until_answered()
    expect(problem).to_be_hidden()
    panel = workspace.last.locator("[data-sent]")
    panel.locator("summary").click()
    expect(panel).to_contain_text(re.compile(r"Read in \d+ parts"))
