"""Two people in one conversation: live, with names, who is here, who is typing, and in turn."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

QUICK = "[[part:answer tokens=12 tokens_per_s=300]]"
SLOW = "[[part:answer tokens=200 tokens_per_s=20]]"

SHARE = """async ([conversation, username]) => {
    const headers = {
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
    };
    const workspace = JSON.parse(document.querySelector("#page-data").textContent).workspace;
    const rights = ["conversation.view", "message.ask"];
    const answer = await fetch("/api/grants", { method: "POST", headers, body: JSON.stringify(
        { kind: "conversation", object: conversation, subject: { person: username }, rights }) });
    return [answer.status, await answer.text()];
}"""


def share(page: Page, username: str = "bob") -> str:
    """The address of alice's conversation, which bob may read and ask in from now on."""
    address = page.url
    status, said = page.evaluate(SHARE, [address.rstrip("/").rpartition("/")[2], username])
    assert status == 201, said
    return address


@pytest.fixture
def together(workspace: Workspace, open_context: OpenContext) -> tuple[Workspace, Workspace]:
    """Alice and bob, with one conversation of hers before both."""
    # Bob may not open the first of hers.
    place = workspace.page.locator(".switcher a", has_text="Export planning").get_attribute("href")
    workspace = Workspace.opened(workspace.page, place or "")
    workspace.ask_and_wait(f"{QUICK} Where is container 7?")
    address = share(workspace.page)
    bob = Workspace.opened(open_context("bob").new_page(), address)
    expect(workspace.page.locator("#here .here__person")).to_have_count(1)
    expect(bob.page.locator("#here .here__person")).to_have_count(1)
    return workspace, bob


def ids(workspace: Workspace) -> list[str]:
    found: list[str] = workspace.page.eval_on_selector_all(
        "#messages > li", "all => all.map(one => one.dataset.message)"
    )
    return found


def test_the_other_one_sees_question_and_answer_at_once(together: tuple[Workspace, Workspace], watch: Watch) -> None:
    alice, bob = together
    expect(bob.questions.first.locator("[data-who]")).to_be_visible()
    bob.ask(f"{SLOW} And container 8?")
    expect(alice.questions).to_have_count(2, timeout=5_000)
    alice.wait_until_begun()
    expect(alice.last).to_have_attribute("data-state", "running")
    expect(alice.questions.last.locator("[data-who]")).not_to_have_text("You")
    expect(alice.questions.first.locator("[data-who]")).to_have_text("You")
    for one in together:
        one.wait_until_answered()
    assert alice.source() == bob.source()
    assert ids(alice) == ids(bob)
    assert watch.errors == []


def test_who_is_typing(together: tuple[Workspace, Workspace]) -> None:
    alice, bob = together
    bob.field.press_sequentially("And", delay=30)
    expect(alice.page.locator("#typing")).to_contain_text("is typing…")
    expect(bob.page.locator("#typing")).to_have_text("")
    expect(alice.page.locator("#typing")).to_have_text("", timeout=10_000)
    bob.page.close()
    expect(alice.page.locator("#here")).to_be_hidden()


def test_a_question_waits_for_the_others(together: tuple[Workspace, Workspace], watch: Watch) -> None:
    alice, bob = together
    alice.ask(f"{SLOW} First?")
    expect(bob.questions).to_have_count(2, timeout=5_000)
    expect(bob.page.locator("#send")).to_be_visible()
    bob.ask(f"{QUICK} Second?")
    expect(bob.last.locator("[data-status-text]")).to_contain_text("Waiting for Alice Moreau’s question")
    expect(alice.questions).to_have_count(3, timeout=5_000)
    expect(alice.last.locator("[data-status-text]")).to_have_text("Waiting for your question…")
    expect(bob.last).to_have_attribute("data-state", "queued")
    for one in together:
        one.wait_until_answered()
    assert ids(alice) == ids(bob)
    alice.ask(f"{SLOW} Third?")
    expect(bob.questions).to_have_count(4, timeout=5_000)
    bob.ask(f"{QUICK} Withdrawn?")
    expect(bob.last.locator("[data-status-text]")).to_contain_text("Waiting for Alice Moreau’s question")
    bob.stop_button.click()
    bob.wait_until_answered("cancelled")
    alice.stop_button.click()
    alice.wait_until_answered("cancelled")
    assert watch.errors == []


def test_both_ask_in_the_same_instant(together: tuple[Workspace, Workspace]) -> None:
    alice, bob = together
    for one, text in ((alice, "Mine?"), (bob, "Mine, too?")):
        one.field.fill(f"{QUICK} {text}")
    alice.page.evaluate("document.querySelector('#composer').requestSubmit()")
    bob.page.evaluate("document.querySelector('#composer').requestSubmit()")
    for one in together:
        expect(one.questions).to_have_count(3)
        expect(one.page.locator("#messages > [data-state=finished]")).to_have_count(3)
    assert ids(alice) == ids(bob)


def test_what_is_deleted_is_gone_for_all(together: tuple[Workspace, Workspace]) -> None:
    alice, bob = together
    alice.page.evaluate("""async () => fetch("/api/conversations/" + location.pathname.split("/")[2], {
        method: "DELETE", headers: { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content } })""")
    expect(bob.page.locator("#problem")).to_contain_text(
        "This conversation was deleted, or is no longer shared with you."
    )
