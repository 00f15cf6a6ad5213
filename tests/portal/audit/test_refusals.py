"""A flood of refusals leaves few rows, and all of them are counted."""

import uuid

import orjson
import pytest
from django.db import DatabaseError
from django.test import override_settings

from portal.audit import refusals as room
from portal.audit.journal import Act, Target
from portal.audit.models import Entry, Head
from portal.audit.refusals import WINDOW_SECONDS, Refusals
from portal.audit.scene import Scene, opened
from portal.core.actor import ANONYMOUS, Actor
from tests.conftest import ClientOf
from tests.people import Company

ALICE = Actor("person", uuid.uuid4(), "alice")


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(room, "time", made)
    return made


def refuse(refusals: Refusals, target: object = 1, actor: Actor = ANONYMOUS, address: str = "10.0.0.1") -> None:
    with opened(Scene("GET /c/", address)):
        refusals.note(actor, Act("conversation.view", Target("conversation", str(target)), "denied", "role"))


def details() -> list[dict[str, int]]:
    return [orjson.loads(entry.body)["details"] for entry in Entry.objects.order_by("seq")]


def test_equal_refusals_are_one_row_and_a_count(committed: None, clock: Clock) -> None:
    refusals = Refusals()
    for _ in range(500):
        refuse(refusals)
    assert details() == [{}]
    refusals.flush()
    assert details() == [{}]
    clock.seconds += WINDOW_SECONDS
    refusals.flush()
    assert details() == [{}, {"again": 499}]
    last = Entry.objects.latest("seq")
    assert (last.address, last.place, last.object_id, last.reason) == ("10.0.0.1", "GET /c/", "1", "role")
    refuse(refusals)
    assert Entry.objects.count() == 3


@override_settings(AUDIT_REFUSALS=10)
def test_whoever_tries_many_ids_leaves_so_many_rows(committed: None, clock: Clock) -> None:
    refusals = Refusals()
    for number in range(500):
        refuse(refusals, number, ALICE)
    refuse(refusals, 1, ALICE, "10.0.0.2")
    assert Entry.objects.count() == 10
    clock.seconds += WINDOW_SECONDS
    refusals.flush()
    again, unwritten = Entry.objects.order_by("-seq")[:2][::-1]
    assert (again.action, orjson.loads(again.body)["details"]) == ("conversation.view", {"again": 1})
    assert (unwritten.action, orjson.loads(unwritten.body)["details"]) == ("audit.summarise", {"refusals": 490})
    assert unwritten.actor_id == ALICE.id


@override_settings(AUDIT_REFUSALS_OF_ALL=20)
def test_a_crowd_leaves_so_many_rows(committed: None, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_SUBJECTS", 30)
    refusals = Refusals()
    for number in range(100):
        refuse(refusals, address=f"10.0.0.{number}")
    assert Entry.objects.count() == 20
    clock.seconds += WINDOW_SECONDS
    refusals.flush()
    assert sum(one.get("refusals", 0) for one in details()) == 80
    assert Entry.objects.count() == 20 + 10 + 1
    refuse(refusals)
    assert Entry.objects.count() == 32


def test_one_network_of_ipv6_is_one_address(committed: None) -> None:
    refusals = Refusals()
    for number in range(50):
        refuse(refusals, address=f"2001:db8:0:1::{number:x}")
    assert Entry.objects.count() == 1
    refuse(refusals, address="2001:db8:0:2::1")
    assert Entry.objects.count() == 2


def test_what_could_not_be_written_is_not_forgotten(committed: None, clock: Clock) -> None:
    refusals = Refusals()
    head = Head.objects.get()
    Head.objects.all().delete()
    with pytest.raises(DatabaseError):
        refuse(refusals)
    head.save(force_insert=True)
    refuse(refusals)
    refuse(refusals)
    clock.seconds += WINDOW_SECONDS
    Head.objects.all().delete()
    with pytest.raises(DatabaseError):
        refusals.flush()
    head.save(force_insert=True)
    Head.objects.update(seq=1, hash=Entry.objects.get().hash)
    refusals.flush()
    assert details() == [{}, {"again": 1}]


def test_the_process_writes_its_counts_when_it_ends(
    committed: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = Refusals()
    monkeypatch.setattr(room, "refusals", refusals)
    refuse(refusals)
    refuse(refusals)
    room._at_the_end()
    assert details() == [{}, {"again": 1}]
    refuse(refusals)
    refuse(refusals)
    Head.objects.all().delete()
    room._at_the_end()


def test_a_read_that_cannot_be_recorded_is_not_answered(live_company: Company, client_of: ClientOf) -> None:
    conversation = live_company.asked("alice", "a question about pomegranates").conversation
    alice, stranger = client_of(live_company, "alice"), client_of(live_company, "charlie")
    paths = [f"/c/{conversation.pk}/", f"/api/conversations/{conversation.pk}/messages", "/api/me", "/"]
    assert [alice.get(path).status_code for path in paths] == [200] * 4
    Head.objects.all().delete()
    answers = [alice.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [503] * 4
    assert not any("pomegranates" in answer.content.decode() for answer in answers)
    assert alice.get("/healthz").status_code == 200
    assert stranger.get(paths[0]).status_code == 404


def test_what_is_forgotten_meanwhile_is_no_error(committed: None, clock: Clock) -> None:
    refusals = Refusals()
    refusals._forget(ALICE, Act("run.view"), ("", "", "", "", "", ""))
    assert not Entry.objects.exists()


def test_whoever_writes_the_counts_of_others_leaves_his_own_row(
    company: Company, client_of: ClientOf, clock: Clock
) -> None:
    alice = client_of(company, "alice")
    for _ in range(2):
        alice.get(f"/api/conversations/{uuid.UUID(int=7)}")
    clock.seconds += WINDOW_SECONDS
    assert alice.get("/api/me").status_code == 200
    own = Entry.objects.filter(actor_id=company.people["alice"].pk).order_by("at").values_list("action", flat=True)
    assert list(own)[-2:] == ["conversation.view", "profile.view"]
