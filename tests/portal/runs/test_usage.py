"""What was used, for those who administer a department, and of its subtree alone."""

import datetime

import pytest
from django.utils import timezone

from portal.core.errors import Forbidden, NotFound
from portal.departments.choices import RoleKey
from portal.departments.denials import deny
from portal.departments.models import Department
from portal.runs.models import Run
from portal.runs.selectors import Usage, usage_of
from tests.people import Company, join

HOUR = datetime.timedelta(hours=1)


def read(company: Company, who: str, where: str) -> Usage:
    now = timezone.now()
    return usage_of(company.actor(who), Department.objects.get(name=where).pk, now - HOUR, now + HOUR)


@pytest.fixture
def used(company: Company) -> Company:
    for owner, department, tokens in (("alice", "Logistics", 7), ("bob", "Logistics", 5), ("bob", "Finance", 11)):
        Run.objects.create(
            owner=company.people[owner],
            workspace=company.workspace(department),
            engine=company.engine,
            prompt_tokens=100,
            completion_tokens=tokens,
        )
    return company


def test_sums_of_a_subtree(used: Company) -> None:
    everything = read(used, "dana", "Company")
    assert (everything.total.runs, everything.total.prompt_tokens, everything.total.completion_tokens) == (3, 300, 23)
    assert [(row.name, row.completion_tokens) for row in everything.by_department] == [
        ("Logistics", 12),
        ("Finance", 11),
    ]
    assert [(row.name, row.completion_tokens) for row in everything.by_person] == [("bob", 16), ("alice", 7)]
    logistics = read(used, "erin", "Logistics")
    assert [(row.name, row.runs) for row in logistics.by_workspace] == [("Logistics desk", 2)]


def test_a_time_without_runs_is_zero(used: Company) -> None:
    long_ago = timezone.now() - 100 * HOUR
    found = usage_of(used.actor("dana"), used.departments["Legal"].pk, long_ago, long_ago + HOUR)
    assert (found.total.runs, found.total.completion_tokens, found.by_person) == (0, 0, ())


@pytest.mark.parametrize(
    ("who", "where", "refusal"),
    [("alice", "Logistics", Forbidden), ("erin", "Finance", NotFound), ("frank", "Logistics", NotFound)],
)
def test_others_may_not(used: Company, who: str, where: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read(used, who, where)


def test_what_is_denied_below_is_not_counted(used: Company) -> None:
    join(used.people["erin"], Department.objects.get(name="Company"), RoleKey.MANAGER)
    deny(used.actor("dana"), used.people["erin"], used.departments["Finance"], ["usage.view"])
    found = read(used, "erin", "Company")
    assert found.total.completion_tokens == 12
    assert [row.name for row in found.by_workspace] == ["Logistics desk"]
