"""Files in a conversation, as a person adds them: chosen, pasted, dropped; waited for, looked at, sent, removed."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.test_looks import check
from tests.e2e.workspace import Workspace
from tests.workers.ingestion import made

pytestmark = [pytest.mark.browser, pytest.mark.stack]

QUICK = "[[part:answer tokens=5 tokens_per_s=200]]"
PAYLOAD = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.__x=1'><script>window.__x=1</script></svg>"
HOSTILE_NAME = "<img src=x onerror=window.__x=1>.svg"


def chips(page: Page) -> Locator:
    return page.locator("#attachments > li")


def payload(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def add(page: Page, *files: tuple[str, bytes]) -> None:
    page.locator("#files").set_input_files([payload(*file) for file in files])


def bring(page: Page, kind: str, files: Sequence[tuple[str, str]]) -> None:
    """Files as a drop or a paste brings them."""
    page.evaluate(
        """([kind, files]) => {
            const data = new DataTransfer();
            for (const [name, text] of files) data.items.add(new File([text], name));
            const target = document.querySelector("#question");
            const init = { bubbles: true, cancelable: true };
            target.dispatchEvent(kind === "paste"
                ? new ClipboardEvent("paste", { ...init, clipboardData: data })
                : new DragEvent("drop", { ...init, dataTransfer: data }));
        }""",
        [kind, list(files)],
    )


def test_files_are_read_looked_at_and_sent_along(workspace: Workspace) -> None:
    page = workspace.page
    add(page, ("contract.pdf", made.pdf(["Delivery within five days", "Penalty of two percent"])))
    bring(page, "drop", [("notes.md", "# Notes\nAsk for a discount")])
    bring(page, "paste", [("lanes.csv", "lane,price\nHAM,410\n")])
    # Asked before everything is read: it goes by itself.
    workspace.ask(f"When is it due? {QUICK}")
    workspace.wait_until_answered()
    sent = workspace.questions.last.locator("[data-preview]")
    expect(sent).to_have_text(["contract.pdf", "notes.md", "lanes.csv"])
    expect(chips(page)).to_have_count(0)
    page.reload()
    expect(sent).to_have_text(["contract.pdf", "notes.md", "lanes.csv"])
    sent.first.click()
    dialog = page.get_by_role("dialog", name="contract.pdf")
    expect(dialog.locator("[data-text]")).to_have_text("Delivery within five days")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator("[data-text]")).to_have_text("Penalty of two percent")
    expect(dialog.get_by_role("button", name="Next")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_bad_file_says_what_to_do_and_the_others_go_on(workspace: Workspace) -> None:
    page = workspace.page
    add(page, ("secret.pdf", made.encrypted_pdf()), ("terms.txt", b"Five days"))
    failed = chips(page).filter(has_text="secret.pdf")
    expect(failed).to_contain_text("asks for a password")
    expect(chips(page).filter(has_text="terms.txt")).to_have_attribute("data-state", "ready")
    workspace.ask(f"When? {QUICK}")
    expect(page.locator("#attachments-note")).to_contain_text("secret.pdf could not be read")
    expect(workspace.questions).to_have_count(0)
    failed.get_by_role("button", name="Remove").click()
    workspace.field.press("Enter")
    workspace.wait_until_answered()
    expect(workspace.questions.last.locator("[data-preview]")).to_have_text(["terms.txt"])


def test_nothing_of_a_file_runs(workspace: Workspace, watch: Watch) -> None:
    page = workspace.page
    add(page, (HOSTILE_NAME, PAYLOAD))
    expect(chips(page)).to_have_attribute("data-state", "ready")
    chips(page).locator("[data-open]").click()
    dialog = page.locator("#preview-dialog")
    expect(dialog.locator("[data-text]")).to_contain_text("window.__x=1")
    original = dialog.locator("[data-original]").get_attribute("href")
    page.keyboard.press("Escape")
    workspace.ask_and_wait(f"What is it? {QUICK}")
    page.reload()
    expect(workspace.questions.last.locator("[data-preview]")).to_have_text(HOSTILE_NAME)
    assert page.evaluate("window.__x") is None
    with page.expect_download() as saved:
        page.evaluate("address => { location.href = address }", original)
    assert saved.value.suggested_filename.endswith(".svg")
    assert page.evaluate("window.__x") is None
    assert watch.foreign == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["wide", "narrow"])
def test_files_look_right(open_context: OpenContext, width: int, height: int, dark: bool) -> None:
    kind = f"{width}-{'dark' if dark else 'light'}"
    workspace = Workspace.opened(open_context(width=width, height=height, dark=dark).new_page())
    page = workspace.page
    long_name = "Framework agreement with the carrier, second draft after the meeting.docx"
    add(page, (long_name, made.word("On time.")), ("secret.pdf", made.encrypted_pdf()))
    add(page, ("delivery note.png", made.picture(made.scan("Delivery note 4711\nRotterdam, 12 pallets"))))
    expect(page.locator("#attachments [data-state=ready]")).to_have_count(2)
    expect(page.locator("#attachments [data-state=failed]")).to_have_count(1)
    check(page, f"files-{kind}")
    chips(page).filter(has_text="delivery note").locator("[data-open]").click()
    expect(page.locator("#preview-dialog [data-text]")).to_contain_text("12 pallets")
    check(page, f"files-preview-{kind}")
    page.keyboard.press("Escape")
    chips(page).filter(has_text="secret").get_by_role("button", name="Remove").click()
    workspace.ask_and_wait(f"What was delivered? {QUICK}")
    check(page, f"files-sent-{kind}")
