"""The nearest rule holds: workspace, department, the next above, company; without any, data stays."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.actor import system_actor
from portal.core.errors import Forbidden, Invalid, NotFound
from portal.departments.choices import RoleKey
from portal.departments.denials import deny
from portal.departments.models import Department, Workspace
from portal.departments.services.tree import create_department, move_department
from portal.departments.services.workspaces import create_workspace
from portal.retention.choices import DataKind
from portal.retention.models import MOST_DAYS, Rule
from portal.retention.rulebook import RuleBook
from portal.retention.selectors import places, rules
from portal.retention.services.rules import remove_rule, set_rule
from tests.people import Company, join

SYSTEM = system_actor("test")


def in_force(workspace: Workspace) -> int | None:
    return RuleBook.read(DataKind.CONVERSATIONS).for_workspace(workspace.pk).days


def test_without_a_rule_data_stays(company: Company) -> None:
    assert in_force(company.workspace()) is None
    assert RuleBook.read(DataKind.CONVERSATIONS).days() == {}


def test_the_nearest_rule_holds(company: Company) -> None:
    root, desk = Department.objects.get(name="Company"), company.workspace()
    set_rule(SYSTEM, 100)
    assert in_force(desk) == 100
    set_rule(SYSTEM, 90, department=root)
    assert in_force(desk) == 90
    set_rule(SYSTEM, 400, department=company.departments["Logistics"])
    assert (in_force(desk), in_force(company.workspace("Legal"))) == (400, 90)
    own = set_rule(SYSTEM, None, workspace=desk)
    assert in_force(desk) is None
    remove_rule(SYSTEM, own.pk)
    assert in_force(desk) == 400


def test_a_moved_department_takes_the_rules_of_its_new_place(company: Company) -> None:
    inner = create_department(SYSTEM, "Customs", company.departments["Logistics"])
    desk = create_workspace(SYSTEM, inner, "Papers")
    set_rule(SYSTEM, 30, department=company.departments["Logistics"])
    set_rule(SYSTEM, 60, department=company.departments["Legal"])
    assert in_force(desk) == 30
    move_department(SYSTEM, inner, company.departments["Legal"])
    assert in_force(desk) == 60


@pytest.mark.parametrize("days", [0, -1, MOST_DAYS + 1])
def test_days_have_bounds(company: Company, days: int) -> None:
    with pytest.raises(Invalid):
        set_rule(SYSTEM, days)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rule.objects.create(days=MOST_DAYS + 1)


def test_a_place_has_one_rule(company: Company) -> None:
    legal = company.departments["Legal"]
    for place in ({}, {"department": legal}, {"workspace": company.workspace()}):
        Rule.objects.create(days=1, **place)
        with pytest.raises(IntegrityError), transaction.atomic():
            Rule.objects.create(days=2, **place)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rule.objects.create(days=1, department=legal, workspace=company.workspace("Legal"))


def test_managers_set_rules_in_their_subtree_only(company: Company) -> None:
    erin, logistics = company.actor("erin"), company.departments["Logistics"]
    below = create_department(SYSTEM, "Customs", logistics)
    mine: list[dict[str, Any]] = [{"department": logistics}, {"department": below}, {"workspace": company.workspace()}]
    for place in mine:
        rule = set_rule(erin, 30, **place)
        assert rule in rules(erin)
    elsewhere = set_rule(SYSTEM, 30, department=company.departments["Legal"])
    others: list[dict[str, Any]] = [{}, {"department": elsewhere.department}, {"workspace": company.workspace("Legal")}]
    for place in others:
        with pytest.raises((Forbidden, NotFound)):
            set_rule(erin, 5, **place)
    with pytest.raises(NotFound):
        remove_rule(erin, elsewhere.pk)
    assert elsewhere not in rules(erin)
    assert {found.department.name for found in places(erin)} == {"Logistics", "Customs"}


@pytest.mark.parametrize("name", ["alice", "charlie", "frank", "grace"])
def test_others_set_no_rule(company: Company, name: str) -> None:
    everywhere: list[dict[str, Any]] = [
        {},
        {"department": company.departments["Logistics"]},
        {"workspace": company.workspace()},
    ]
    for place in everywhere:
        with pytest.raises((Forbidden, NotFound)):
            set_rule(company.actor(name), 5, **place)
    assert not Rule.objects.exists()


def test_who_sees_the_rules(company: Company) -> None:
    set_rule(SYSTEM, 30)
    seen = {name: rules(company.actor(name)).count() for name in ("dana", "frank", "erin", "alice")}
    assert seen == {"dana": 1, "frank": 1, "erin": 0, "alice": 0}


def test_a_rule_that_is_gone_is_not_found(company: Company) -> None:
    rule = set_rule(SYSTEM, 30)
    remove_rule(SYSTEM, rule.pk)
    with pytest.raises(NotFound):
        remove_rule(SYSTEM, rule.pk)


def test_a_manager_above_counts(company: Company) -> None:
    root = Department.objects.get(name="Company")
    join(company.people["alice"], root, RoleKey.MANAGER)
    set_rule(company.actor("alice"), 9, department=company.departments["Legal"])
    assert in_force(company.workspace("Legal")) == 9


def naive(workspace: Workspace) -> int | None:
    """By going up one by one, written without a look at the rule book."""
    own = Rule.objects.filter(workspace=workspace).first()
    if own:
        return own.days
    path: str = Department.objects.get(pk=workspace.department_id).path
    while path:
        rule = Rule.objects.filter(department__path=path).first()
        if rule:
            return rule.days
        path = path[: -Department.steplen]
    company = Rule.objects.filter(department=None, workspace=None).first()
    return company.days if company else None


TREES = st.lists(st.integers(0, 20), min_size=1, max_size=8)
DAYS = st.none() | st.integers(1, 50)
RULES = st.lists(st.tuples(st.integers(0, 30), DAYS), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parents=TREES, drawn=RULES)
def test_the_rule_book_agrees_with_going_up(
    company: Company, parents: Sequence[int], drawn: Sequence[tuple[int, int | None]]
) -> None:
    with transaction.atomic():
        made = [company.departments["Legal"]]
        for number, parent in enumerate(parents):
            made.append(create_department(SYSTEM, f"d{number}", made[parent % len(made)]))
        desks = [create_workspace(SYSTEM, department, "desk") for department in made]
        for number, days in drawn:
            if number == 0:
                set_rule(SYSTEM, days)
            elif number % 2:
                set_rule(SYSTEM, days, department=made[number % len(made)])
            else:
                set_rule(SYSTEM, days, workspace=desks[number % len(desks)])
        assert [in_force(desk) for desk in desks] == [naive(desk) for desk in desks]
        transaction.set_rollback(True)


def test_what_is_denied_at_one_workspace_is_not_done_from_above(company: Company) -> None:
    erin, logistics = company.actor("erin"), company.departments["Logistics"]
    rule = set_rule(erin, 90, department=logistics)
    deny(company.actor("dana"), company.people["erin"], company.workspace(), ["retention.manage"])
    with pytest.raises(Forbidden):
        set_rule(erin, 1, department=logistics)
    with pytest.raises(Forbidden):
        remove_rule(erin, rule.pk)
    assert RuleBook.read(DataKind.CONVERSATIONS).for_workspace(company.workspace().pk).days == 90
