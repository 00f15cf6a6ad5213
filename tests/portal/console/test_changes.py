"""Each change goes through a service: the row is there, and so is its audit entry."""

from typing import Any

import orjson
import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.models import Department, Membership, Workspace, WorkspaceGrant
from portal.engines.models import Engine
from tests.conftest import ClientOf
from tests.people import Company

PASSWORD = "a long enough passphrase"
NO_MEMBERSHIPS = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}


def acts(action: str) -> list[dict[str, Any]]:
    entries = Entry.objects.filter(action=action, actor_name="dana").order_by("at")
    return [orjson.loads(entry.body)["details"] for entry in entries]


def identity(username: str, **others: str) -> dict[str, Any]:
    fields = {"username": username, "first_name": "", "last_name": "", "email": "", "platform_role": ""}
    return fields | NO_MEMBERSHIPS | others


def person_url(person: User) -> str:
    return f"/console/accounts/user/{person.pk}/change/"


def memberships_of(person: User, **row: Any) -> dict[str, Any]:
    rows = list(person.memberships.order_by("pk"))
    data: dict[str, Any] = {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": len(rows)}
    for index, membership in enumerate(rows):
        values: dict[str, Any] = {"id": membership.pk, "person": person.pk, "department": membership.department_id}
        values |= {"role": membership.role_id, **row}
        data |= {f"memberships-{index}-{name}": value for name, value in values.items()}
    return data


def parent_of(department: Department) -> Department:
    parent: Department = Department.objects.get(path=department.path[: -Department.steplen])
    return parent


def test_creating_a_person(dana: Client) -> None:
    data = identity("henry", password=PASSWORD, platform_role="auditor")
    assert dana.post("/console/accounts/user/add/", data).status_code == 302
    henry = User.objects.get(username="henry")
    assert henry.check_password(PASSWORD)
    assert (henry.is_staff, henry.is_superuser) == (False, False)
    assert acts("person.manage") == [{"change": "created", "platform_role": "auditor"}]


@pytest.mark.parametrize("password", ["short", "password1234", ""])
def test_a_weak_password_makes_nobody(dana: Client, password: str) -> None:
    assert dana.post("/console/accounts/user/add/", identity("henry", password=password)).status_code == 200
    assert not User.objects.filter(username="henry").exists()
    assert acts("person.manage") == []


def test_suspending_and_reactivating_a_person(company: Company, dana: Client) -> None:
    alice = company.people["alice"]
    data = identity("alice") | memberships_of(alice)
    assert dana.post(person_url(alice), data).status_code == 302
    assert not User.objects.get(pk=alice.pk).is_active
    assert dana.post(person_url(alice), data | {"is_active": "on"}).status_code == 302
    assert User.objects.get(pk=alice.pk).is_active
    assert [act["change"] for act in acts("person.manage")] == ["suspended", "reactivated"]


def test_a_new_password_and_a_new_name(company: Company, dana: Client) -> None:
    alice = company.people["alice"]
    data = identity("alice", first_name="Alice", password=PASSWORD, is_active="on") | memberships_of(alice)
    assert dana.post(person_url(alice), data).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert [act["change"] for act in acts("person.manage")] == ["fields", "password"]
    assert PASSWORD not in "".join(Entry.objects.values_list("body", flat=True))


def test_saving_without_a_change_records_nothing(company: Company, dana: Client) -> None:
    alice = company.people["alice"]
    data = identity("alice", is_active="on") | memberships_of(alice)
    assert dana.post(person_url(alice), data).status_code == 302
    assert acts("person.manage") == acts("membership.manage") == []


@pytest.mark.parametrize("change", [{"platform_role": "administrator"}, {"is_active": "on"}])
def test_administrators_cannot_shut_themselves_out(company: Company, dana: Client, change: dict[str, str]) -> None:
    dana.post(person_url(company.people["dana"]), identity("dana") | change)
    person = User.objects.get(username="dana")
    assert (person.is_active, person.platform_role) == (True, "administrator")


def test_people_departments_and_workspaces_are_never_deleted(company: Company, dana: Client) -> None:
    for place, pk in (
        ("accounts/user", company.people["alice"].pk),
        ("departments/department", company.departments["Legal"].pk),
        ("departments/workspace", company.workspace("Legal").pk),
        ("engines/engine", company.engine.pk),
    ):
        assert dana.post(f"/console/{place}/{pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(username="alice").exists()


def test_creating_renaming_and_moving_a_department(company: Company, dana: Client) -> None:
    legal, finance = company.departments["Legal"], company.departments["Finance"]
    dana.post("/console/departments/department/add/", {"name": "Patents", "parent": legal.pk, **NO_MEMBERSHIPS})
    patents = Department.objects.get(name="Patents")
    assert parent_of(patents) == legal
    url = f"/console/departments/department/{patents.pk}/change/"
    dana.post(url, {"name": "Trade marks", "parent": finance.pk, **NO_MEMBERSHIPS})
    patents = Department.objects.get(pk=patents.pk)
    assert patents.name == "Trade marks"
    assert parent_of(patents) == finance
    assert [act["change"] for act in acts("department.manage")] == ["created", "renamed", "moved"]
    tree: Any = Department.objects
    assert tree.find_problems() == ([], [], [], [], [])


def test_a_department_cannot_be_moved_below_itself(company: Company, dana: Client) -> None:
    root = Department.objects.get(name="Company")
    data = {"name": "Company", "parent": company.departments["Legal"].pk, **NO_MEMBERSHIPS}
    assert dana.post(f"/console/departments/department/{root.pk}/change/", data).status_code == 200
    assert Department.objects.get(pk=root.pk).depth == 1
    assert acts("department.manage") == []


def test_memberships_on_their_own_pages(company: Company, dana: Client) -> None:
    alice, legal = company.people["alice"], company.departments["Legal"]
    data = {"person": alice.pk, "department": legal.pk, "role": builtin_role(RoleKey.MEMBER).pk}
    assert dana.post("/console/departments/membership/add/", data).status_code == 302
    membership = Membership.objects.get(person=alice, department=legal)
    dana.post(f"/console/departments/membership/{membership.pk}/change/", {"role": builtin_role(RoleKey.MANAGER).pk})
    membership = Membership.objects.get(person=alice, department=legal)
    assert membership.role.key == "manager"
    dana.post(f"/console/departments/membership/{membership.pk}/delete/", {"post": "yes"})
    assert not Membership.objects.filter(pk=membership.pk).exists()
    changes = [act["change"] for act in acts("membership.manage")]
    assert changes == ["role given", "role given", "role taken", "role taken"]


def test_memberships_on_a_persons_page(company: Company, dana: Client) -> None:
    alice = company.people["alice"]
    data = identity("alice", is_active="on")
    moved = memberships_of(alice, department=company.departments["Legal"].pk)
    assert dana.post(person_url(alice), data | moved).status_code == 302
    assert [m.department.name for m in alice.memberships.all()] == ["Legal"]
    assert dana.post(person_url(alice), data | memberships_of(alice, DELETE="on")).status_code == 302
    assert not alice.memberships.exists()
    assert [act["change"] for act in acts("membership.manage")] == ["role given", "role taken", "role taken"]


def test_creating_and_archiving_a_workspace(company: Company, dana: Client) -> None:
    data = {"department": company.departments["Legal"].pk, "name": "Contracts", "purpose": ""}
    assert dana.post("/console/departments/workspace/add/", data).status_code == 302
    made = Workspace.objects.get(name="Contracts")
    url = f"/console/departments/workspace/{made.pk}/change/"
    assert dana.post(url, {"name": "Contracts", "purpose": "Old ones", "archived": "on"}).status_code == 302
    made.refresh_from_db()
    assert made.archived
    assert [act["change"] for act in acts("workspace.manage")] == ["created", "fields", "archived"]


def test_giving_and_withdrawing_a_grant(company: Company, dana: Client) -> None:
    charlie, desk = company.people["charlie"], company.workspace("Finance")
    data = {"user": charlie.pk, "content_object": desk.pk}
    assert dana.post("/console/departments/workspacegrant/add/", data).status_code == 302
    assert desk in Workspace.objects.visible_to(company.actor("charlie"))
    assert dana.post("/console/departments/workspacegrant/add/", data).status_code == 200
    grant = WorkspaceGrant.objects.get(permission__codename="workspace.view")
    assert dana.post(f"/console/departments/workspacegrant/{grant.pk}/delete/", {"post": "yes"}).status_code == 302
    assert desk not in Workspace.objects.visible_to(company.actor("charlie"))
    assert len(acts("grant.give")) == len(acts("grant.withdraw")) == 1


def test_engines_and_runs_are_read_only(peopled: Company, dana: Client) -> None:
    engine_url = f"/console/engines/engine/{peopled.engine.pk}/change/"
    assert dana.get(engine_url).status_code == 200
    assert dana.post(engine_url, {"name": "other"}).status_code == 403
    assert dana.get("/console/runs/run/add/").status_code == 403


def test_there_is_no_second_journal(dana: Client) -> None:
    dana.post("/console/accounts/user/add/", identity("henry", password=PASSWORD))
    assert not LogEntry.objects.exists()


def test_another_engine_becomes_the_default(company: Company, dana: Client) -> None:
    other = Engine.objects.create(name="other", model="other", address="http://127.0.0.1:9")
    page, url = f"/console/engines/engine/{other.pk}/change/", f"/console/engines/engine/{other.pk}/make-default/"
    assert url in dana.get(page).content.decode()
    assert "Until now they go to scripted." in dana.get(url).content.decode()
    assert acts("engine.manage") == []
    assert dana.post(url)["Location"] == page
    assert Engine.objects.get(is_default=True) == other
    assert acts("engine.manage") == [{"change": "default"}]
    assert url not in dana.get(page).content.decode()


def test_an_engine_that_is_not_there_cannot_be_the_default(dana: Client) -> None:
    missing = "/console/engines/engine/00000000-0000-4000-8000-000000000000/make-default/"
    assert dana.post(missing).status_code == 404


def test_only_administrators_choose_the_engine(company: Company, client_of: ClientOf) -> None:
    other = Engine.objects.create(name="other", model="other", address="http://127.0.0.1:9")
    assert client_of(company, "alice").post(f"/console/engines/engine/{other.pk}/make-default/").status_code == 404
    assert Engine.objects.get(is_default=True) == company.engine


@pytest.mark.parametrize("page", ["departments/membership/add/", "departments/workspace/add/"])
def test_no_department_is_chosen_beforehand(page: str, company: Company, client_of: ClientOf) -> None:
    """The first in the tree is the whole company."""
    form = client_of(company, "dana").get(f"/console/{page}").content.decode()
    assert '<option value="" selected>Choose a department</option>' in form


def test_the_console_does_not_greet_with_an_old_message(company: Company, client_of: ClientOf) -> None:
    client = client_of(company)
    client.post("/sign-in/", {"login": "dana", "password": "password of dana"})
    assert "signed in as" not in client.get("/console/").content.decode()
