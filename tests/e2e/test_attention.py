"""Who looks elsewhere while an answer is written sees a count in the title, and if he asked for it, is notified."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenContext
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

SHORT = "[[part:answer tokens=5 tokens_per_s=100]]"
LONG = "[[part:answer tokens=110 tokens_per_s=10]]"
SHOWN = """navigator.serviceWorker.getRegistration().then(found => found?.getNotifications() ?? [])
    .then(all => all.map(one => [one.title, one.body, one.data.address]))"""
# A headless browser has no window that could be covered: what the page reads of it is said here.
LOOK_AWAY = """away => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => away });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def notified(page: Page, *, title: bool = False) -> None:
    """Switch it on as a person does."""
    page.goto("/settings/")
    page.get_by_label("Tell me when a long answer is ready").check()
    expect(page.get_by_label("With the title of the conversation")).to_be_enabled()
    if title:
        page.get_by_label("With the title of the conversation").check()


def asked_and_left(workspace: Workspace, question: str) -> None:
    workspace.ask(question)
    workspace.page.evaluate(LOOK_AWAY, True)
    workspace.wait_until_answered()


def test_the_title_counts_answers_until_the_reader_is_back(workspace: Workspace) -> None:
    asked_and_left(workspace, f"One {SHORT}")
    expect(workspace.page).to_have_title(re.compile(r"^\(1\) One"))
    # The model finds a title meanwhile.
    expect(workspace.page).to_have_title(re.compile(r"^\(1\) One, in short"))
    asked_and_left(workspace, f"Two {SHORT}")
    expect(workspace.page).to_have_title(re.compile(r"^\(2\) "))
    workspace.page.evaluate(LOOK_AWAY, False)
    expect(workspace.page).to_have_title(re.compile(r"^One"))


def test_who_looks_on_is_told_nothing(workspace: Workspace) -> None:
    workspace.ask_and_wait(f"Looking {SHORT}")
    expect(workspace.page).to_have_title(re.compile(r"^Looking"))


@pytest.mark.parametrize("title", [False, True], ids=["plain", "with title"])
def test_a_long_answer_is_told_without_its_content(open_context: OpenContext, title: bool) -> None:
    context = open_context()
    context.grant_permissions(["notifications"])
    page = context.new_page()
    notified(page, title=title)
    workspace = Workspace.opened(page)
    asked_and_left(workspace, f"Quay of the Alma {SHORT}")
    page.wait_for_timeout(500)
    assert page.evaluate(SHOWN) == []
    page.evaluate(LOOK_AWAY, False)
    asked_and_left(workspace, f"Where does she lie {LONG}")
    page.wait_for_function(f"{SHOWN}.then(all => all.length === 1)")
    name = page.locator("#title").inner_text() if title else ""
    assert page.evaluate(SHOWN) == [["Your answer is ready", name, page.url.removeprefix(page.evaluate("origin"))]]
    assert not title or name.startswith("Quay of the Alma")


def test_without_the_choice_nobody_is_asked_and_nothing_is_told(open_context: OpenContext) -> None:
    context = open_context()
    context.grant_permissions(["notifications"])
    workspace = Workspace.opened(context.new_page())
    asked_and_left(workspace, LONG)
    expect(workspace.page).to_have_title(re.compile(r"^\(1\) "))
    assert workspace.page.evaluate(SHOWN) == []


def test_permission_is_asked_on_the_click_alone_and_a_refusal_is_told(open_context: OpenContext) -> None:
    page = open_context().new_page()
    page.add_init_script(
        """const ask = Notification.requestPermission.bind(Notification);
        window.askings = 0;
        Notification.requestPermission = () => (window.askings += 1, ask());"""
    )
    page.goto("/settings/")
    box = page.get_by_label("Tell me when a long answer is ready")
    assert page.evaluate("window.askings") == 0
    # Without anybody to answer, a headless browser refuses.
    box.click()
    expect(page.get_by_text("This browser does not let the appliance notify you")).to_be_visible()
    assert page.evaluate("window.askings") == 1
    expect(box).not_to_be_checked()
