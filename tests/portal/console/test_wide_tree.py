"""The tree of 2,000 departments in 20 levels: its answers stay small, and every department can still be reached."""

import re

import pytest
from django.test import Client

from portal.departments.choices import RoleKey
from portal.departments.models import Department
from tests.conftest import ClientOf
from tests.people import Company, join
from tests.portal.budgets import MOST, counted
from tests.portal.console.deep_tree import LEVELS, deep_tree

PAGE = "/console/departments/"
MOST_BYTES = 200_000
_ROW = re.compile(r'<tr role="row" aria-level="(\d+)" data-id="([^"]+)"')


@pytest.fixture
def deep(company: Company) -> Company:
    deep_tree()
    return company


def rows(client: Client, **query: str) -> list[tuple[int, str]]:
    """Level and id of the rows of an answer."""
    answer = client.get(PAGE, query)
    assert answer.status_code == 200
    assert len(answer.content) < MOST_BYTES
    return [(int(level), found) for level, found in _ROW.findall(answer.content.decode())]


def test_answers_are_small_and_take_few_statements(deep: Company, dana: Client) -> None:
    assert Department.objects.count() >= 2_000
    root = Department.objects.get(name="Company")
    for query in ({}, {"below": str(root.pk)}, {"find": "unit"}, {"find": "no such"}):
        rows(dana, **query)
        assert counted(lambda asked=query: dana.get(PAGE, asked)) <= MOST  # type: ignore[misc]  # bound at once


def test_levels_are_opened_one_by_one_to_the_last(deep: Company, dana: Client) -> None:
    assert {level for level, _ in rows(dana)} == {1, 2}
    below = str(Department.objects.get(name="Unit 007 02").pk)
    for level in range(3, LEVELS + 1):
        ((found, below),) = rows(dana, below=below)
        assert found == level
    assert Department.objects.get(pk=below).name == f"Unit 007 {LEVELS:02}"
    assert rows(dana, below=below) == []


def test_a_search_finds_what_is_deep_down_with_the_way_to_it(deep: Company, dana: Client) -> None:
    found = rows(dana, find=f"uNIT 042 {LEVELS:02}")
    assert [level for level, _ in found] == list(range(1, LEVELS + 1))
    assert str(Department.objects.get(name=f"Unit 042 {LEVELS:02}").pk) == found[-1][1]
    assert rows(dana, find="no such") == []


def test_an_answer_that_is_cut_says_so(deep: Company, dana: Client) -> None:
    text = dana.get(PAGE, {"find": "unit"}).content.decode()
    assert len(_ROW.findall(text)) == 200
    assert re.search(r"And 1\d\d\d more\.", text)


def test_a_manager_opens_and_finds_the_own_part_only(deep: Company, client_of: ClientOf) -> None:
    foreign = Department.objects.get(name="Unit 008 02")
    join(deep.people["charlie"], Department.objects.get(name="Unit 007 03"), RoleKey.MANAGER)
    charlie = client_of(deep, "charlie")
    assert charlie.get(PAGE, {"below": str(foreign.pk)}).status_code == 404
    assert charlie.get(PAGE, {"below": "nonsense"}).status_code == 404
    assert rows(charlie, find="Unit 008") == []
    assert [level for level, _ in rows(charlie, find="Unit 007")] == list(range(1, LEVELS - 1))
