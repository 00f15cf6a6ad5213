"""Each change goes through a service: the row is there, and so is its audit entry."""

from typing import Any

import orjson
import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import Entry
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


def test_people_and_engines_are_never_deleted(company: Company, dana: Client) -> None:
    for place, pk in (
        ("accounts/user", company.people["alice"].pk),
        ("engines/engine", company.engine.pk),
    ):
        assert dana.post(f"/console/{place}/{pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(username="alice").exists()


def test_memberships_on_a_persons_page(company: Company, dana: Client) -> None:
    alice = company.people["alice"]
    data = identity("alice", is_active="on")
    moved = memberships_of(alice, department=company.departments["Legal"].pk)
    assert dana.post(person_url(alice), data | moved).status_code == 302
    assert [m.department.name for m in alice.memberships.all()] == ["Legal"]
    assert dana.post(person_url(alice), data | memberships_of(alice, DELETE="on")).status_code == 302
    assert not alice.memberships.exists()
    assert [act["change"] for act in acts("membership.manage")] == ["role given", "role taken", "role taken"]


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


def test_the_console_does_not_greet_with_an_old_message(company: Company, client_of: ClientOf) -> None:
    client = client_of(company)
    client.post("/sign-in/", {"login": "dana", "password": "password of dana"})
    assert "signed in as" not in client.get("/console/").content.decode()
