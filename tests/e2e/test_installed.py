"""The workspace installs as an app, and says plainly when the appliance cannot be reached; it keeps no content."""

import json
import struct
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenContext, Stack, Watch
from tests.e2e.test_looks import check
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

READY = "navigator.serviceWorker.ready.then(found => found.active.scriptURL)"
KEPT = """async () => {
    const addresses = [];
    for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) addresses.push(new URL(request.url).pathname);
    }
    return addresses.sort();
}"""


def with_worker(page: Page) -> Workspace:
    workspace = Workspace.opened(page)
    workspace.field.press("Shift")
    page.evaluate(READY)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return workspace


def test_chromium_would_install_it(open_context: OpenContext, stack: Stack) -> None:
    page = open_context().new_page()
    page.goto("/")
    session = page.context.new_cdp_session(page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    manifest = json.loads(found["data"])
    assert manifest["start_url"] == manifest["scope"] == "/"
    assert manifest["display"] == "standalone"
    # What Chromium itself has against installing; that a test's window is no window of a person's is no fault of ours.
    errors = [item["errorId"] for item in session.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert set(errors) <= {"in-incognito"}
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in manifest["icons"]:
        with urllib.request.urlopen(stack.url + icon["src"]) as answer:  # noqa: S310
            content = answer.read()
        width, height = struct.unpack(">II", content[16:24])
        assert f"{width}x{height}" == icon["sizes"]


def test_without_the_appliance_a_page_says_so_and_it_comes_back(open_context: OpenContext, watch: Watch) -> None:
    page = open_context().new_page()
    with_worker(page).ask_and_wait("A secret of the harbour [[part:answer tokens=3 tokens_per_s=200]]")
    address = page.url
    page.context.set_offline(True)
    page.goto(address)
    expect(page.get_by_role("heading")).to_have_text("The appliance cannot be reached")
    expect(page).to_have_url(address)
    assert page.get_by_role("link", name="Try again").evaluate("link => getComputedStyle(link).borderRadius") != "0px"
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.locator("#messages")).to_contain_text("A secret of the harbour")
    assert watch.foreign == []


def test_it_keeps_no_content(open_context: OpenContext) -> None:
    page = open_context().new_page()
    workspace = with_worker(page)
    workspace.ask_and_wait("Another secret [[part:answer tokens=3 tokens_per_s=200]]")
    page.reload()
    workspace.wait_until_answered()
    kept = page.evaluate(KEPT)
    assert "/offline/" in kept
    assert len(kept) == 4
    assert all(address == "/offline/" or address.startswith("/static/") for address in kept)


def test_signing_in_and_out_goes_on_under_the_worker(open_context: OpenContext, stack: Stack) -> None:
    page = open_context(None).new_page()
    page.goto("/sign-in/")
    for _ in range(2):
        page.get_by_label("Name").fill("alice")
        page.get_by_label("Password", exact=True).fill(stack.password)
        page.get_by_role("button", name="Sign in").click()
        with_worker(page)
        page.get_by_role("button", name="Sign out").first.click()
        expect(page).to_have_url(stack.url + "/sign-in/")
        page.goto("/")
        expect(page).to_have_url(stack.url + "/sign-in/?next=/")


def test_another_worker_takes_over_at_once(open_context: OpenContext) -> None:
    """In another language the page that is kept is another one, and so is the worker."""
    page = open_context().new_page()
    with_worker(page)
    before = page.evaluate("caches.keys()")
    page.goto("/settings/")
    page.get_by_label("Language of the interface").select_option("de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    try:
        page.goto("/offline/")
        page.evaluate("navigator.serviceWorker.register('/service-worker.js')")
        changed = (
            "async before => { const kept = await caches.keys(); return kept.length === 1 && kept[0] !== before[0] }"
        )
        page.wait_for_function(changed, arg=before)
    finally:
        page.goto("/settings/")
        page.locator("[data-language]").select_option("")
        expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)], ids=["wide", "narrow"])
def test_its_pages_look_right(open_context: OpenContext, width: int, height: int, dark: bool) -> None:
    page = open_context(width=width, height=height, dark=dark).new_page()
    for path in ("offline", "settings"):
        page.goto(f"/{path}/")
        check(page, f"{path}-{width}-{'dark' if dark else 'light'}")
