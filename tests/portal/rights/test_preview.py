"""A preview says what the change then does, and changes nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.audit.models import Entry
from portal.core.actor import system_actor
from portal.core.errors import Forbidden
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.denials import deny
from portal.departments.grants import USE, give
from portal.departments.models import Department, Membership, Workspace
from portal.departments.preview import preview, reach_of_department, reach_of_person, reach_of_role, reach_of_workspace
from portal.departments.services.memberships import take_role
from portal.departments.services.tree import move_department, rename_department
from tests.people import Company

SYSTEM = system_actor("test")


def test_a_denial_for_a_department_is_counted_by_workspace(company: Company) -> None:
    desk, logistics = company.workspace(), company.departments["Logistics"]
    before = Entry.objects.count()
    found = preview(reach_of_workspace(desk), lambda: deny(SYSTEM, logistics, desk, ["workspace.view"]))
    assert found.sentences == ["3 people lose access to Logistics desk"]
    assert [person.username for person, _ in found.losses] == ["alice", "bob", "erin"]
    assert found.complete
    assert Entry.objects.count() == before
    assert desk in Workspace.objects.visible_to(company.actor("alice"))


def test_a_role_that_is_taken(company: Company) -> None:
    bob, finance = company.people["bob"], company.departments["Finance"]
    member = builtin_role(RoleKey.MEMBER)
    found = preview(reach_of_person(bob), lambda: take_role(SYSTEM, bob, finance, member))
    assert found.sentences == ["1 person loses access to Finance desk"]
    assert Membership.objects.filter(person=bob, department=finance).exists()


def test_a_department_that_is_moved_takes_its_people_along(company: Company) -> None:
    """A grant to Legal reaches the people of Finance once that lies below it, and Legal's roles reach its workspace."""
    legal, finance, desk = company.departments["Legal"], company.departments["Finance"], company.workspace("Logistics")
    Membership.objects.filter(person=company.people["bob"], department=company.departments["Logistics"]).delete()
    give(SYSTEM, legal, desk, USE)
    found = preview(reach_of_department(finance), lambda: move_department(SYSTEM, finance, legal))
    assert found.sentences == [
        "1 person gains access to Finance desk",
        "1 person gains access to Logistics desk",
    ]
    assert [person.username for person, _ in found.gains] == ["charlie", "bob"]
    assert Department.objects.get(pk=finance.pk).path == finance.path


def test_a_grant_to_a_role(company: Company) -> None:
    manager, desk = builtin_role(RoleKey.MANAGER), company.workspace("Legal")
    found = preview(reach_of_role(manager), lambda: give(SYSTEM, manager, desk, USE))
    assert [(person.username, workspace) for person, workspace in found.gains] == [("erin", desk)]


def test_whoever_may_not_make_the_change_is_refused_before_anything_is_looked_at(company: Company) -> None:
    department = company.departments["Logistics"]
    reach = reach_of_department(department)
    with CaptureQueriesContext(connection) as asked, pytest.raises(Forbidden):
        preview(reach, lambda: rename_department(company.actor("alice"), department, "Mine"))
    assert not [query for query in asked if '"seen"' in query["sql"]]
    with CaptureQueriesContext(connection) as asked:
        preview(reach, lambda: rename_department(company.actor("dana"), department, "Theirs"))
    assert [query for query in asked if '"seen"' in query["sql"]]
