"""Every page that the budgets name, opened in Chromium as it is served: axe, both themes, 200% zoom, reduced motion.

The answers are fetched first and then handed to the browser, so that each page has a whole company behind it. What a
page does by its socket is looked at where the appliance runs (tests/e2e).
"""

import mimetypes
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Page, Route

from tests.conftest import ClientOf
from tests.e2e.chromium import launched
from tests.people import Company
from tests.portal.console.company_pages import ids_of
from tests.portal.console.test_budgets import BASELINE
from tests.portal.console.wide import Addresses
from tests.portal.test_page_budgets import PAGES, READERS, page_at

pytestmark = pytest.mark.browser

ORIGIN = "http://localhost"
AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
# 1280 by 1024 pixels, everything twice as large.
ZOOMED = {"width": 640, "height": 512}
PARTS = ("/console/search/", "/side/", "/list/", "/unseen/", "/older/", "/newer/", "/conversations/")
"""Fetched into a page, and no page of its own."""

SERIOUS = """() => axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0].html}`))"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDEST = """() => [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(-1).map((element) => element.outerHTML.slice(0, 160))[0]"""
MOVING = """() => [...document.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element);
    const longest = (value) => Math.max(...value.split(",").map((part) => parseFloat(part)));
    const animated = style.animationName !== "none" && longest(style.animationDuration) > 0.02;
    return animated || (style.transitionProperty !== "none" && longest(style.transitionDuration) > 0.02);
}).slice(0, 3).map((element) => element.outerHTML.slice(0, 160))"""


@dataclass(frozen=True)
class Served:
    route: str
    path: str
    body: bytes
    policy: str


def served_pages(company: Company, client_of: ClientOf) -> Iterator[Served]:
    """Each page once, as the first of the readers gets it who gets one there."""
    addresses, clients = Addresses(company), [client_of(company, name) for name in READERS]
    ids = ids_of(company)
    for route in sorted({*PAGES, *BASELINE}):
        path = ids.address(route) if route in BASELINE else addresses.of(route)
        if not path.partition("?")[0].endswith(PARTS):
            yield served(route, path, clients)


def served(route: str, path: str, clients: list[Client]) -> Served:
    for client in clients:
        if found := page_at(client, path):
            answer = client.get(found)
            return Served(route, found, answer.getvalue(), answer.headers["Content-Security-Policy"])
    raise AssertionError(f"nobody gets {route}")


def test_every_page_is_accessible(company: Company, client_of: ClientOf) -> None:
    pages = list(served_pages(company, client_of))
    # In a thread of its own: the ORM refuses to work beside the loop that drives the browser.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(found_wrong, pages).result() == {}


def found_wrong(pages: list[Served]) -> dict[str, list[str]]:
    by_path = {page.path: page for page in pages}
    wrong: dict[str, list[str]] = {}
    with launched() as browser:
        context = browser.new_context(base_url=ORIGIN, reduced_motion="reduce")
        context.route("**/*", lambda route: answer(route, by_path))
        page = context.new_page()
        for served in pages:
            page.goto(served.path, wait_until="load")
            if problems := list(problems_of(page)):
                wrong[served.route] = problems
    return wrong


def answer(route: Route, pages: dict[str, Served]) -> None:
    address = urlsplit(route.request.url)
    path = address.path + (f"?{address.query}" if address.query else "")
    if address.path.startswith(settings.STATIC_URL):
        found = finders.find(address.path.removeprefix(settings.STATIC_URL))
        if isinstance(found, str):
            kind = mimetypes.guess_type(found)[0] or "text/javascript"
            route.fulfill(body=Path(found).read_bytes(), content_type=kind)
            return
    # What a change would do is asked for by POST, and stays away here.
    page = pages.get(path) if route.request.method == "GET" else None
    if page is None:
        route.fulfill(status=404)
        return
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": page.policy}
    route.fulfill(body=page.body, headers=headers)


def problems_of(page: Page) -> Iterator[str]:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(AXE.read_text())
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.wait_for_timeout(250)
        yield from (f"{theme}: {found}" for found in page.evaluate(SERIOUS))
    yield from (f"moves: {found}" for found in page.evaluate(MOVING))
    page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]  # a literal
    if (over := page.evaluate(TOO_WIDE)) > 0:
        yield f"{over} pixels too wide at 200%: {page.evaluate(WIDEST)}"
