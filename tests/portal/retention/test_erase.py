"""A person's data: exported whole, erased whole."""

import hashlib
import io
import json
import tracemalloc
import uuid
import zipfile
from collections.abc import Iterable
from typing import Any

import orjson
import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.chat.models import Conversation, Message
from portal.core.actor import system_actor
from portal.core.errors import Conflict, Forbidden, NotFound
from portal.departments.grants import USE, give
from portal.departments.models import Membership
from portal.retention.services.erase import erase_person, stored_of
from portal.retention.services.export import export_person
from portal.retention.services.holds import Held, place_hold, release_hold
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.retention.aged import ask_in, converse, rows

SYSTEM = system_actor("test")


def unzipped(pieces: Iterable[bytes]) -> dict[str, list[dict[str, Any]]]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.testzip() is None
    names = [name for name in archive.namelist() if name.endswith(".jsonl")]
    return {name.removesuffix(".jsonl"): [json.loads(line) for line in archive.open(name)] for name in names}


def erasures() -> list[dict[str, Any]]:
    entries = Entry.objects.filter(action="person.erase").order_by("at")
    return [orjson.loads(entry.body)["details"] for entry in entries]


def test_an_export_holds_all_that_is_the_persons(company: Company) -> None:
    give(SYSTEM, company.people["alice"], company.workspace("Legal"), USE)
    company.asked("alice", "Where is container 7?")
    converse(company, turns=3)
    converse(company, "bob", turns=2)
    found = unzipped(export_person(SYSTEM, company.people["alice"].pk))
    assert {name: len(lines) for name, lines in found.items()} == {
        "account": 1,
        "memberships": 1,
        "grants": len(USE),
        "comments": 0,
        "conversations": 2,
        "messages": 8,
        "summaries": 0,
        "runs": 4,
        "files": 0,
        "imports": 0,
        "prompts": 0,
        # Rows of this transaction have no number yet.
        "audit": 0,
    }
    assert found["account"][0]["username"] == "alice"
    assert "Where is container 7?" in [message["text"] for message in found["messages"]]
    assert "password" not in found["account"][0]
    assert "worker" not in found["runs"][0]


def test_an_export_has_the_persons_acts(live_company: Company) -> None:
    live_company.asked("alice")
    live_company.asked("bob")
    found = unzipped(export_person(SYSTEM, live_company.people["alice"].pk))
    assert [act["action"] for act in found["audit"]] == ["conversation.create", "message.ask"]


def test_a_proof_of_deletion_fits_the_export(company: Company) -> None:
    converse(company, turns=3, count=3)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(export_person(SYSTEM, company.people["alice"].pk))))
    erase_person(SYSTEM, company.people["alice"].pk)
    proof = erasures()[1]["proof"]
    for table, name in (("chat_conversation", "conversations.jsonl"), ("chat_message", "messages.jsonl")):
        lines = [line.rstrip(b"\n") for line in archive.open(name)]
        keyed = sorted((orjson.loads(line)["id"], hashlib.sha256(line).hexdigest()) for line in lines)
        over = hashlib.sha256("".join(f"{key} {content}\n" for key, content in keyed).encode())
        assert proof[table] == {"rows": len(lines), "sha256": over.hexdigest()}


def test_people_export_what_they_may_see(company: Company) -> None:
    converse(company, "bob")
    converse(company, "bob", company.workspace("Finance"))
    bob = company.people["bob"]
    Membership.objects.filter(person=bob, department=company.departments["Finance"]).delete()
    mine = unzipped(export_person(company.actor("bob"), bob.pk))
    assert [item["workspace_id"] for item in mine["conversations"]] == [str(company.workspace().pk)]
    assert len(mine["messages"]) == 2
    assert len(unzipped(export_person(SYSTEM, bob.pk))["conversations"]) == 2


@pytest.mark.parametrize("name", ["dana", "frank", "erin", "bob"])
def test_nobody_exports_another(company: Company, name: str) -> None:
    with pytest.raises(Forbidden):
        export_person(company.actor(name), company.people["alice"].pk)


def test_a_large_export_is_made_in_bounded_memory(company: Company) -> None:
    [conversation] = converse(company)
    text = uuid.uuid4().hex * 8_000
    Message.objects.bulk_create(
        [Message(conversation=conversation, author="user", text=f"{n}{text}") for n in range(200)]
    )
    tracemalloc.start()
    size = sum(len(piece) for piece in export_person(SYSTEM, company.people["alice"].pk))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 50_000
    assert peak < 25_000_000


def test_erasing_leaves_nothing_of_a_person(company: Company, client_of: ClientOf) -> None:
    alice = company.people["alice"]
    User.objects.filter(pk=alice.pk).update(first_name="Alice", last_name="Moreau", email="alice@example.com")
    converse(company, turns=2)
    converse(company, state=RunState.RUNNING)
    others = converse(company, "bob")
    Run.objects.create(owner=alice, workspace=company.workspace(), engine=company.engine)
    give(SYSTEM, alice, company.workspace("Legal"), USE)
    client, other = client_of(company, "alice"), client_of(company, "bob")
    assert client.get("/api/me").status_code == 200

    erase_person(company.actor("dana"), alice.pk)

    assert rows() == {"chat_conversation": 1, "chat_message": 2, "runs_run": 1, "runs_event": 2}
    assert Conversation.objects.get() == others[0]
    assert Session.objects.count() == 1
    assert (client.get("/api/me").status_code, other.get("/api/me").status_code) == (401, 200)
    assert not Client().login(username="alice", password="password of alice")
    erased = User.objects.get(pk=alice.pk)
    assert erased.username == f"erased-{alice.pk.hex[:12]}"
    assert (erased.get_full_name(), erased.email, erased.is_active) == ("", "", False)
    assert not erased.has_usable_password()
    named = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is User and model._base_manager.filter(**{field.name: alice}).exists()
    ]
    assert named == []


def test_what_was_asked_in_a_conversation_of_another_stays_without_a_name(company: Company) -> None:
    [shared] = converse(company, "bob")
    run = ask_in(company, shared, "alice")
    erase_person(SYSTEM, company.people["alice"].pk)
    kept = Run.objects.select_related("owner").get(pk=run.pk)
    assert kept.owner.username.startswith("erased-")
    assert Message.objects.filter(conversation=shared).count() == 4
    erase_person(SYSTEM, company.people["bob"].pk)
    assert not Run.objects.exists()


def test_the_proof_of_an_erasure(company: Company) -> None:
    alice = company.people["alice"]
    converse(company, count=5)
    erase_person(company.actor("dana"), alice.pk, batch=2)
    found = erasures()
    assert [act["change"] for act in found] == ["begun", "deleted", "deleted", "deleted", "erased"]
    assert found[-1]["items"] == {"conversations": 5}
    assert found[-1]["account"] == {"departments.Membership": 1}
    assert set(Entry.objects.filter(action="person.erase").values_list("object_id", flat=True)) == {str(alice.pk)}


def test_erasing_twice_changes_nothing(company: Company) -> None:
    alice = company.people["alice"]
    converse(company)
    erase_person(SYSTEM, alice.pk)
    acts = Entry.objects.count()
    assert erase_person(SYSTEM, alice.pk).batches == 0
    assert Entry.objects.count() == acts


def test_an_erasure_that_was_cut_off_is_begun_again(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = company.people["alice"]
    converse(company, count=4)

    def die(person: User, *, kept: object) -> dict[str, int]:
        raise KeyboardInterrupt

    monkeypatch.setattr("portal.retention.services.erase.anonymise", die)
    with pytest.raises(KeyboardInterrupt):
        erase_person(SYSTEM, alice.pk)
    assert not User.objects.get(pk=alice.pk).is_active
    monkeypatch.undo()
    erase_person(SYSTEM, alice.pk)
    assert User.objects.get(pk=alice.pk).username.startswith("erased-")


@pytest.mark.parametrize("place", ["person", "workspace"])
def test_a_hold_refuses_an_erasure(company: Company, place: str) -> None:
    alice = company.people["alice"]
    converse(company)
    before = rows()
    hold = place_hold(SYSTEM, alice if place == "person" else company.workspace(), "a dispute")
    assert not stored_of(SYSTEM, alice.pk).may_go
    with pytest.raises(Held) as refused:
        erase_person(company.actor("dana"), alice.pk)
    assert (refused.value.status, refused.value.code) == (409, "held")
    assert refused.value.details == {"items": 1, "person": place == "person"}
    assert (rows(), User.objects.get(pk=alice.pk).is_active) == (before, True)
    release_hold(SYSTEM, hold.pk)
    erase_person(company.actor("dana"), alice.pk)
    assert User.objects.get(pk=alice.pk).username.startswith("erased-")


def test_who_may_not_be_erased_and_by_whom(company: Company) -> None:
    alice, dana = company.people["alice"], company.people["dana"]
    for name in ("alice", "bob", "erin", "frank"):
        with pytest.raises(Forbidden):
            erase_person(company.actor(name), alice.pk)
    with pytest.raises(Forbidden):
        erase_person(company.actor("dana"), dana.pk)
    with pytest.raises(Conflict) as refused:
        erase_person(SYSTEM, dana.pk)
    assert refused.value.code == "last_administrator"
    with pytest.raises(NotFound):
        erase_person(SYSTEM, uuid.uuid4())
    assert erasures() == []
    assert User.objects.filter(pk=dana.pk, is_active=True).exists()


def test_the_connection_is_usable_after_a_refusal(company: Company) -> None:
    place_hold(SYSTEM, company.people["alice"], "a dispute")
    with pytest.raises(Held):
        erase_person(SYSTEM, company.people["alice"].pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
