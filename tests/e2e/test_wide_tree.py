"""A tree of 2,000 departments in the console: opened level by level and searched, by pointer and keyboard."""

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenContext, Watch
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

CHAINS, LEVELS = 99, 20
GROW = """
    INSERT INTO departments_department (id, name, path, depth, numchild)
    SELECT gen_random_uuid(), 'Unit ' || lpad(chain::text, 3, '0') || ' ' || lpad(level::text, 2, '0'),
        'ZZ' || lpad(chain::text, 2, '0') || repeat('0001', level - 1), level, (level < %(levels)s)::int
    FROM generate_series(1, %(chains)s) chain, generate_series(1, %(levels)s) level
"""


@pytest.fixture
def grown(stack: Stack) -> Iterator[None]:
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute(GROW, {"levels": LEVELS, "chains": CHAINS})
        yield
        connection.execute("DELETE FROM departments_department WHERE path LIKE 'ZZ%'")


def row(page: Page, name: str) -> Locator:
    return page.locator("#tree tbody tr").filter(has=page.get_by_role("link", name=name, exact=True))


def test_levels_open_when_they_are_asked_for(grown: None, open_context: OpenContext, watch: Watch) -> None:
    page = open_context("dana").new_page()
    page.goto("/console/departments/")
    expect(row(page, "Unit 042 03")).to_have_count(0)
    row(page, "Unit 042 02").get_by_role("button", name="Fold or unfold").click()
    expect(row(page, "Unit 042 03")).to_be_visible()
    row(page, "Unit 042 03").focus()
    page.keyboard.press("ArrowRight")
    expect(row(page, "Unit 042 04")).to_have_attribute("aria-level", "4")
    page.keyboard.press("ArrowRight")
    expect(row(page, "Unit 042 04")).to_be_focused()
    row(page, "Unit 042 02").get_by_role("button", name="Fold or unfold").click()
    expect(row(page, "Unit 042 04")).to_be_hidden()
    assert watch.errors == []


def test_the_search_reaches_the_last_level(grown: None, open_context: OpenContext, watch: Watch) -> None:
    page = open_context("dana", width=390, height=844).new_page()
    page.goto("/console/departments/")
    page.get_by_label("Find a department").fill("unit 042 20")
    expect(row(page, "Unit 042 20")).to_have_attribute("aria-level", "20")
    expect(row(page, "Unit 041 02")).to_have_count(0)
    page.get_by_label("Find a department").fill("nobody")
    expect(page.locator("#tree-status")).to_have_text("No department is called so.")
    page.get_by_label("Find a department").fill("")
    expect(row(page, "Unit 041 02")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert watch.errors == []
