"""The headless Chromium that the browser tests and the benchmark drive."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, StorageState, sync_playwright

from launcher.installation import chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator[Browser]:
    """The one that CHROMIUM names, else the machine's, else the one that Playwright keeps."""
    found = os.environ.get("CHROMIUM") or chromium.executable()
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=found, args=FLAGS) as browser:
        yield browser


def sign_in(browser: Browser, url: str, person: str, password: str) -> StorageState:
    """The cookies of a person who has signed in."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("Name").fill(person)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#main").wait_for()
    state = context.storage_state()
    context.close()
    return state
