"""A person brings an export of another program, sees it arrive, goes on in it and takes it out again."""

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.e2e.test_looks import check
from tests.e2e.workspace import Workspace
from tests.foreign_exports import as_bytes, chatgpt, openwebui, zipped

pytestmark = [pytest.mark.browser, pytest.mark.stack]

HOSTILE = "<img src=x onerror=alert(1)> bay"


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("JSON or ZIP file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Import", exact=True).click()


def test_the_whole_way(workspace: Workspace, watch: Watch, tmp_path: Path) -> None:
    page = workspace.page
    page.get_by_role("link", name="Your settings").click()
    page.get_by_role("link", name="Import conversations").click()
    expect(page.get_by_text("Nothing was imported yet.")).to_be_visible()
    # Larger than a piece, so that it comes in two.
    filler = openwebui("filler", title="Filler")
    filler["chat"]["notes"] = "n" * 9_000_000
    chats = [openwebui("one", title=HOSTILE, turns=2), filler, 7, *[openwebui(f"c{n}") for n in range(200)]]
    upload(page, "chats.json", as_bytes(chats))
    expect(page.locator("#upload-progress")).to_be_visible()
    done = page.locator("[data-import][data-state=finished]")
    expect(done).to_contain_text("202 conversations imported", timeout=60_000)
    expect(done).to_contain_text("1 could not be imported")
    done.get_by_text("What could not be imported").click()
    expect(done).to_contain_text("It is no conversation of a program that is known here.")
    pieces = [address for address in watch.requests if "/file?offset=" in address]
    assert [address.rpartition("=")[2] for address in pieces] == ["0", str(8 * 1024**2)]

    # Of this moment, so that it stands first in the side list whatever else the person has there.
    late = chatgpt() | {"update_time": time.time()}
    upload(page, "chatgpt.zip", zipped({"conversations.json": as_bytes([late])}))
    expect(page.locator("[data-state=finished]").first).to_contain_text("1 conversation imported", timeout=60_000)
    upload(page, "broken.json", b"[{")
    expect(page.locator("[data-state=failed]")).to_contain_text("The file ends too early", timeout=60_000)

    page.goto("/")
    page.get_by_role("link", name="Ports").click()
    expect(workspace.answers).to_have_count(1)
    expect(workspace.body).to_contain_text("A crane in the")
    workspace.ask_and_wait("[[part:answer tokens=20]] And now?")
    expect(workspace.answers).to_have_count(2)

    page.get_by_label("Export this conversation").click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="JSON, to import again").click()
    downloading.value.save_as(tmp_path / "out.json")
    assert downloading.value.suggested_filename == "Ports.json"
    assert len(json.loads((tmp_path / "out.json").read_text())["messages"]) == 6
    expect(page.get_by_role("link", name="JSON, to import again")).to_have_count(0)
    assert watch.errors == []
    assert watch.foreign == []


def test_an_upload_goes_on_where_it_stopped(open_context: OpenContext, watch: Watch) -> None:
    page = open_context("bob").new_page()
    page.goto("/imports/")
    chat = openwebui("large", title="Large")
    chat["chat"]["notes"] = "n" * 9_000_000
    page.route("**/file?offset=8388608", lambda route: route.abort())
    upload(page, "large.json", as_bytes([chat]))
    expect(page.locator("[data-receiving]")).to_be_visible()
    page.reload()
    page.unroute("**/file?offset=8388608")
    before = len(watch.requests)
    upload(page, "large.json", as_bytes([chat]))
    expect(page.locator("[data-state=finished]")).to_contain_text("1 conversation imported", timeout=60_000)
    pieces = [address for address in watch.requests[before:] if "/file?offset=" in address]
    assert [address.rpartition("=")[2] for address in pieces] == ["8388608"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["wide", "narrow"])
def test_the_page_and_the_menu_look_right(open_context: OpenContext, width: int, height: int, dark: bool) -> None:
    kind = f"{width}-{'dark' if dark else 'light'}"
    page = open_context("erin", width=width, height=height, dark=dark).new_page()
    page.goto("/imports/")
    upload(page, "conversations.json", as_bytes([openwebui(f"a{n}") for n in range(3)] + [{"title": "x" * 300}, 7]))
    expect(page.locator("[data-state=finished]").first).to_be_visible(timeout=60_000)
    page.get_by_text("How to get the file").click()
    page.get_by_text("What could not be imported").first.click()
    check(page, f"imports-{kind}")
    workspace = Workspace.opened(page)
    if width < 800:
        page.get_by_role("button", name="Open the list").click()
    page.get_by_role("link", name="Containers").first.click()
    expect(workspace.answers).to_have_count(1)
    page.get_by_label("Export this conversation").click()
    check(page, f"export-menu-{kind}")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="PDF").first).to_be_hidden()
