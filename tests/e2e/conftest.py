"""Headless Chromium against the running appliance.

The tests ask the fixture ``stack`` (tests/conftest.py) for the portal's ``url`` and the sample people's ``password``;
its engine is the scripted one, so a question names the part that is played.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from tests.e2e.chromium import launched, sign_in
from tests.e2e.workspace import Workspace

# Generous, since the tests share few cores with the whole appliance; nothing here asserts a time.
expect.set_options(timeout=30_000)


class Stack(Protocol):
    url: str
    password: str


@dataclass
class Watch:
    """What the pages of a test did that a test may ask about."""

    origin: str
    requests: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        own = (self.origin + "/", self.origin.replace("http", "ws", 1) + "/", "data:", "blob:")
        return [address for address in self.requests if not address.startswith(own)]

    def add(self, page: Page) -> None:
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.blocked.append(request.url) if request.failure == "csp" else None)
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture(scope="session")
def signed_in(browser: Browser, stack: Stack) -> Callable[[str], StorageState]:
    """The cookies of a person who has signed in, made once a session for each."""
    states: dict[str, StorageState] = {}

    def state_of(person: str) -> StorageState:
        if person not in states:
            states[person] = sign_in(browser, stack.url, person, stack.password)
        return states[person]

    return state_of


@pytest.fixture
def watch(stack: Stack) -> Watch:
    return Watch(stack.url)


OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def open_context(
    browser: Browser, stack: Stack, signed_in: Callable[[str], StorageState], watch: Watch
) -> Iterator[OpenContext]:
    """A browser of its own for a person (none: signed out), closed after the test."""
    opened: list[BrowserContext] = []

    def open_one(
        person: str | None = "alice", *, width: int = 1440, height: int = 900, dark: bool = False
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=stack.url,
            storage_state=signed_in(person) if person else None,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(60_000)
        context.on("page", watch.add)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def workspace(open_context: OpenContext) -> Workspace:
    """Alice, before a new conversation."""
    return Workspace.opened(open_context().new_page())
