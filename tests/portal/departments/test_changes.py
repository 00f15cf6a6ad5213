"""Changes that were made already, of what is gone, and of what stands in each other's way."""

import threading
import time
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.core.actor import ANONYMOUS, system_actor
from portal.core.catalogue import DEPARTMENT
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound
from portal.departments.access import workspace_for_administration
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.denials import deny, lift
from portal.departments.explain import explain
from portal.departments.grants import give, withdraw
from portal.departments.models import Department, DepartmentDenial, Membership, RoleAction, Workspace, WorkspaceDenial
from portal.departments.on_object import reach_of_object
from portal.departments.selectors import role_called
from portal.departments.services.people_import import import_people
from portal.departments.services.roles import change_role, create_role, remove_role
from portal.departments.services.tree import create_department, remove_department, rename_department
from portal.departments.services.workspaces import archive_workspace, change_workspace, create_workspace
from portal.departments.standing import standing_of
from portal.departments.targets import subject_called
from portal.retention.access import Ruled, ruled_places
from tests.people import Company, join

SYSTEM = system_actor("test")


def rows() -> int:
    return Entry.objects.count()


def test_a_name_that_stands_already_changes_nothing(company: Company) -> None:
    department, workspace = company.departments["Logistics"], company.workspace()
    before = rows()
    rename_department(SYSTEM, department, f" {department.name} ")
    change_workspace(SYSTEM, workspace, workspace.name, workspace.purpose)
    assert rows() == before


def test_a_grant_and_a_denial_are_made_and_taken_once(company: Company) -> None:
    charlie, workspace = company.people["charlie"], company.workspace()
    give(SYSTEM, charlie, workspace, ["workspace.view"])
    deny(SYSTEM, charlie, workspace, ["message.ask"])
    before = rows()
    deny(SYSTEM, charlie, workspace, ["message.ask"], reason="again")
    assert rows() == before
    assert WorkspaceDenial.objects.get().reason == ""
    withdraw(SYSTEM, charlie, workspace, ["workspace.view"])
    before = rows()
    withdraw(SYSTEM, charlie, workspace, ["workspace.view"])
    assert rows() == before


def test_what_is_gone_is_not_changed(company: Company) -> None:
    role = create_role(SYSTEM, "Readers", ["workspace.view"])
    workspace = create_workspace(SYSTEM, company.departments["Legal"], "Short-lived")
    stale = Workspace.objects.get(pk=workspace.pk)
    workspace.delete()
    remove_role(SYSTEM, role_called(role.pk))
    with pytest.raises(NotFound):
        change_workspace(SYSTEM, stale, "Other", "")
    with pytest.raises(NotFound):
        change_role(SYSTEM, role, "Other", ["workspace.view"])
    for kind in (DEPARTMENT, "workspace", "castle"):
        with pytest.raises(NotFound):
            lift(SYSTEM, kind, uuid.uuid4())


def test_a_subject_is_called_by_its_id(company: Company) -> None:
    for kind in ("role", "department"):
        with pytest.raises(NotFound):
            subject_called(company.actor("erin"), kind, "no id")


def test_who_is_no_person_stands_nowhere(company: Company) -> None:
    assert standing_of(SYSTEM).held == ()
    assert ruled_places(ANONYMOUS) == Ruled()


def test_workspaces_of_one_name_come_together_under_two(company: Company) -> None:
    """As often as departments are poured into each other, and with names as long as names may be."""
    source = create_department(SYSTEM, "Freight " + "f" * 80, company.departments["Logistics"])
    target = create_department(SYSTEM, "Transport", company.departments["Logistics"])
    long_name = "w" * 120
    for name in ("Desk", long_name):
        create_workspace(SYSTEM, source, name)
        create_workspace(SYSTEM, target, name)
    remove_department(SYSTEM, source, into=target)
    again = create_department(SYSTEM, source.name, company.departments["Logistics"])
    create_workspace(SYSTEM, again, "Desk")
    remove_department(SYSTEM, again, into=target)
    origin = source.name[:40]
    names = set(Workspace.objects.filter(department=target).values_list("name", flat=True))
    ending = f" ({origin})"
    assert names == {"Desk", f"Desk ({origin})", f"Desk ({origin} 2)", long_name, "w" * (120 - len(ending)) + ending}


def test_an_explanation_at_a_department_is_for_those_who_give_rights_there(company: Company) -> None:
    alice, logistics = company.people["alice"], Department.objects.get(name="Logistics")
    found = explain(company.actor("erin"), alice, "workspace.view", logistics)
    assert found.allowed
    with pytest.raises(NotFound):
        explain(company.actor("erin"), alice, "workspace.view", company.departments["Legal"])
    with pytest.raises(Forbidden):
        explain(company.actor("alice"), alice, "workspace.view", logistics)


def test_a_grant_inside_a_workspace_reaches_nobody_to_the_workspace(company: Company) -> None:
    assert reach_of_object(company.departments["Logistics"]).workspaces.count() == 1
    inside = reach_of_object(company.conversation())
    assert (inside.people.count(), inside.workspaces.count()) == (0, 0)


def test_rows_of_rights_name_themselves(company: Company) -> None:
    deny(SYSTEM, company.people["alice"], company.departments["Logistics"], ["message.ask"])
    deny(SYSTEM, company.people["alice"], company.workspace(), ["message.ask"])
    member = builtin_role(RoleKey.MEMBER)
    names = [
        DepartmentDenial.objects.get(),
        WorkspaceDenial.objects.get(),
        RoleAction.objects.get(role=member, action="message.ask"),
    ]
    assert list(map(str, names)) == [
        "message.ask at Logistics",
        "message.ask in Logistics desk",
        f"{member}: message.ask",
    ]


def test_a_table_that_is_too_large_is_not_read(company: Company, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("x" * 101)
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100), pytest.raises(CommandError, match="larger than 100"):
        call_command("import_people", str(table), username="dana")


def test_the_system_imports_people(company: Company) -> None:
    table = "username,first_name,last_name,email,department,role\nivy,Ivy,Berg,,Logistics,Member\n"
    assert import_people(SYSTEM, table).people == 1
    with pytest.raises(Invalid):
        import_people(SYSTEM, table.replace("Logistics", "Nowhere"))


def test_a_person_who_is_made_meanwhile_stops_an_import(live_company: Company) -> None:
    """The import has read that there is no such person, and waits for the other one's commit to write him."""
    table = "username,first_name,last_name,email,department,role\nivy,Ivy,Berg,,Logistics,Member\n"
    raised = list[BaseException]()

    def bring_in() -> None:
        try:
            import_people(SYSTEM, table)
        except Exception as error:  # noqa: BLE001 - looked at below
            raised.append(error)
        finally:
            connection.close()

    importing = threading.Thread(target=bring_in)
    with transaction.atomic():
        User.objects.create_user("ivy")
        importing.start()
        deadline = time.monotonic() + 30
        while not waits_for_a_row():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    importing.join()
    assert [type(error) for error in raised] == [Conflict]
    assert Membership.objects.filter(person__username="ivy").count() == 0


def waits_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted)")
        return bool(cursor.fetchone()[0])


def test_the_tree_is_as_it_was(company: Company) -> None:
    """Pouring a department with children into another keeps each below the other."""
    source = create_department(SYSTEM, "Freight", company.departments["Logistics"])
    inner = create_department(SYSTEM, "Rail", source)
    deepest = create_department(SYSTEM, "Night trains", inner)
    remove_department(SYSTEM, source, into=company.departments["Legal"])
    legal = Department.objects.get(name="Legal")
    assert [Department.objects.get(pk=pk).depth - legal.depth for pk in (inner.pk, deepest.pk)] == [1, 2]
    for below in (inner, deepest):
        assert Department.objects.get(pk=below.pk).path.startswith(legal.path)


def test_a_denial_goes_with_its_department_and_holds_nothing_back(company: Company) -> None:
    """It held for the department's own people; what they gain by its end lies nowhere any more."""
    logistics = Department.objects.get(name="Logistics")
    source, target = (create_department(SYSTEM, name, logistics) for name in ("Freight", "Transport"))
    source = Department.objects.get(pk=source.pk)
    join(company.people["charlie"], source)
    deny(SYSTEM, source, source, ["message.ask"])
    remove_department(company.actor("erin"), source, into=target)
    assert DepartmentDenial.objects.count() == 0
    assert Membership.objects.filter(person=company.people["charlie"], department=target).exists()


def test_a_workspace_is_archived_and_opened_once(company: Company) -> None:
    workspace = company.workspace()
    archive_workspace(SYSTEM, workspace)
    before = rows()
    archive_workspace(SYSTEM, workspace)
    assert rows() == before
    archive_workspace(SYSTEM, workspace, archived=False)
    before = rows()
    archive_workspace(SYSTEM, workspace, archived=False)
    assert rows() == before


def test_the_system_administers_no_workspace_by_this_door(company: Company) -> None:
    with pytest.raises(NotFound):
        workspace_for_administration(SYSTEM, company.workspace().pk)
