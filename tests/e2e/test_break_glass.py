"""Asked by the platform administrator, approved by the auditor, read on the record, and told to the owner at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

REASON = "Incident 4711: find out what was sent to the carrier"


def decide(page: Page, request: str, decision: str) -> None:
    """By the API, from a page of the person's own session."""
    status = page.evaluate(
        """async ([path, decision]) => (await fetch(path, {
            method: "POST",
            headers: {
                "Content-Type": "application/json",
                "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content,
            },
            body: JSON.stringify({ decision }),
        })).status""",
        [f"/api/break-glass/{request}/decision", decision],
    )
    assert status == 200


def test_the_whole_way(workspace: Workspace, open_context: OpenContext, watch: Watch) -> None:
    workspace.ask_and_wait("[[part:answer tokens=20]] Where is container 7?")
    address = workspace.page.url
    dana = open_context("dana").new_page()
    assert (answer := dana.goto(address)) is not None
    assert answer.status == 403
    dana.get_by_role("link", name="Ask for break-glass").click()
    expect(dana.get_by_label("Conversation")).to_have_value(address.rstrip("/").rpartition("/")[2])
    dana.get_by_label("Reason").fill(REASON)
    dana.get_by_role("button", name="Save", exact=True).click()
    dana.get_by_role("link", name="Break-glass").first.click()
    dana.locator("#result_list a[href*='/change/']").first.click()
    request = dana.url.partition("/breakglass/")[2].partition("/")[0]

    expect(workspace.page.locator("#notices [data-notice]")).to_have_count(0)
    frank = open_context("frank").new_page()
    frank.goto("/")
    decide(frank, request, "approve")

    # On the page that is open, without loading it again.
    told = workspace.page.locator("#notices [data-notice]", has_text=REASON)
    expect(told).to_contain_text("Dana Petrova")
    expect(told).to_contain_text("Approved by Frank Mbeki")

    dana.goto(address)
    expect(dana.locator("[data-answer] .prose")).to_contain_text("t3@")
    expect(dana.get_by_text("You read this under break-glass.")).to_be_visible()
    expect(dana.get_by_label("Your question")).to_have_count(0)

    workspace.page.reload()
    expect(workspace.page.get_by_text("Read under break-glass")).to_be_visible()
    told.get_by_role("button", name="Dismiss").click()
    expect(told).to_have_count(0)
    workspace.page.get_by_role("link", name="Notices").click()
    expect(workspace.page.get_by_text(REASON)).to_be_visible()

    dana.goto(f"/console/chat/breakglass/{request}/change/")
    dana.get_by_role("link", name="End now").click()
    dana.get_by_role("button", name="End now").click()
    assert (answer := dana.goto(address)) is not None
    assert answer.status == 403
    assert [error for error in watch.errors if "403" not in error] == []
