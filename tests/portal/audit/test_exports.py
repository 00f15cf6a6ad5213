"""Exports: everything that is wanted, in shape, and harmless in a spreadsheet."""

import csv
import datetime
import io
import json
import tracemalloc
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from portal.accounts.choices import PlatformRole
from portal.audit import exports, ocsf
from portal.audit import wanted as wanted_rows
from portal.audit.exports import COLUMNS, harmless
from portal.audit.journal import Act, Target, record, record_acts
from portal.audit.models import Entry, Head
from portal.audit.scene import Scene, opened
from portal.audit.selectors import all_entries
from portal.audit.wanted import Wanted, page_of, stream_of
from portal.core.actor import ANONYMOUS, Actor, system_actor
from portal.core.catalogue import CATALOGUE
from tests.conftest import ClientOf
from tests.people import Company

ALICE = Actor("person", uuid.UUID(int=7), "alice")
WORKER = system_actor("worker")


@pytest.fixture
def journal(committed: None) -> None:
    with transaction.atomic(), opened(Scene("GET /c/<uuid:conversation_id>/", "10.0.0.1")):
        record(ALICE, "conversation.view", Target("conversation", "c1"))
        record(ALICE, "grant.give", Target("workspace", "w1"), reason="role", details={"change": "created"})
        record(ALICE, "person.manage", Target("person", "p1"), details={"change": "removed"})
        record(WORKER, "run.execute", Target("run", "r1"), on_behalf_of=ALICE.id)
        record(ANONYMOUS, "session.sign_in", outcome="denied", reason="unknown person", details={"direction": "in"})
        record(ALICE, "session.sign_in", Target("person", ALICE.id), details={"direction": "out"})
    with transaction.atomic():
        record(WORKER, "audit.checkpoint", outcome="failed", reason="=cmd|' /C calc'!A0")


def written(*arguments: str) -> str:
    output = io.StringIO()
    call_command("audit", "export", *arguments, stdout=output)
    return output.getvalue()


def events(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written(*arguments).splitlines()]


def test_rows_have_the_shape_of_ocsf(journal: None) -> None:
    found = events()
    assert [(one["class_uid"], one["activity_id"], one["type_uid"]) for one in found[:7]] == [
        (6003, 2, 600302),
        (3004, 1, 300401),
        (3004, 4, 300404),
        (6003, 99, 600399),
        (3002, 1, 300201),
        (3002, 2, 300202),
        (6003, 99, 600399),
    ]
    first = found[0]
    row = Entry.objects.get(seq=1)
    assert first["time"] == int(row.at.timestamp() * 1000)
    assert (first["category_uid"], first["severity_id"], first["status_id"]) == (6, 1, 1)
    assert first["metadata"]["uid"] == str(row.id)
    assert (first["metadata"]["sequence"], first["metadata"]["version"]) == (1, "1.3.0")
    assert first["actor"]["user"] == {"name": "alice", "uid": str(ALICE.id), "type_id": 1, "type": "User"}
    assert first["src_endpoint"] == {"ip": "10.0.0.1"}
    assert first["api"] == {"operation": "conversation.view", "service": {"name": "GET /c/<uuid:conversation_id>/"}}
    assert first["resources"] == [{"type": "conversation", "uid": "c1"}]
    assert (first["unmapped"]["seal"], first["unmapped"]["hash"]) == (row.seal, row.hash)
    assert found[1]["entity"] == {"type": "workspace", "uid": "w1"}
    assert found[3]["unmapped"]["on_behalf_of"] == str(ALICE.id)
    assert (found[4]["status_id"], found[4]["status_detail"], found[4]["user"]) == (
        2,
        "unknown person",
        {"name": "unknown"},
    )
    assert found[6]["severity_id"] == 3


def test_every_action_of_the_catalogue_has_a_whole_event(committed: None) -> None:

    with transaction.atomic():
        record_acts(WORKER, [Act(name) for name in CATALOGUE])
    for entry in Entry.objects.all():
        event = ocsf.event(entry)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["category_uid"] == event["class_uid"] // 1000
        assert event["activity_name"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--action", "grant.give"), [2]),
        (("--object", "run:r1"), [4]),
        (("--object", "conversation"), [1]),
        (("--person", str(ALICE.id)), [1, 2, 3, 4, 6]),
        (("--until", "2020-01-01"), []),
        (("--since", "0001-01-01T00:00:00+00:00", "--until", "9999-12-31T23:00:00+00:00", "--object", "run"), [4]),
        (("--since", "2020-01-01T00:00:00+02:00", "--action", "run.execute"), [4]),
    ],
)
def test_rows_are_chosen(journal: None, arguments: tuple[str, ...], expected: list[int]) -> None:
    assert [one["metadata"]["sequence"] for one in events(*arguments)] == expected


def test_the_export_itself_is_in_the_journal_and_in_the_file(journal: None) -> None:
    assert events()[-1]["api"]["operation"] == "audit.export"
    row = Entry.objects.latest("seq")
    assert (row.action, row.place, row.actor_name) == ("audit.export", "manage.py audit", "audit command")


def test_a_bad_moment_is_refused(committed: None) -> None:
    with pytest.raises(CommandError, match="since"):
        written("--since", "yesterday")


def test_the_table_is_harmless_and_whole(journal: None) -> None:
    found = list(csv.DictReader(io.StringIO(written("--format", "csv"))))
    assert len(found) == 8
    assert tuple(found[0]) == COLUMNS
    assert found[6]["reason"] == "'=cmd|' /C calc'!A0"
    assert json.loads(found[1]["details"]) == {"change": "created"}
    assert found[3]["on_behalf_of_id"] == str(ALICE.id)
    assert found[0]["on_behalf_of_id"] == ""
    assert datetime.datetime.fromisoformat(found[0]["at"]).tzinfo


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])
def test_what_begins_like_a_formula_is_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(f"a{text}") == f"a{text}"


def test_what_cannot_be_recorded_is_not_given_out(journal: None) -> None:
    Head.objects.all().delete()
    with pytest.raises(DatabaseError):
        written()


def test_memory_stays_flat(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        record(ALICE, "run.view", Target("run", "r"))
    row = Entry.objects.get()

    def many() -> Iterator[Entry]:
        for _ in range(30_000):
            yield row

    monkeypatch.setattr(exports, "stream_of", lambda rows, wanted: many())
    tracemalloc.start()
    size = sum(len(piece) for piece in exports.export(WORKER, Wanted(), "jsonl"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 20_000_000
    assert most < 5_000_000


def test_pieces_join_on_to_each_other(journal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted_rows, "CHUNK", 3)
    assert [row.seq for row in stream_of(all_entries(), Wanted())] == list(range(1, 8))
    assert [row.seq for row in stream_of(all_entries(), Wanted(person=ALICE.id))] == [1, 2, 3, 4, 6]


def test_a_stream_ends_where_the_journal_ended_when_it_began(journal: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted_rows, "CHUNK", 3)
    seen = 0
    for _ in stream_of(all_entries(), Wanted()):
        seen += 1
        with transaction.atomic():
            record(WORKER, "run.reap")
    assert seen == 7


def test_pages_go_both_ways_without_a_gap(committed: None) -> None:
    with transaction.atomic():
        for number in range(25):
            record(ALICE if number % 2 else WORKER, "run.view", on_behalf_of=ALICE.id if number % 3 == 0 else None)
    wanted = Wanted(person=ALICE.id)
    expected = [seq for seq in range(25, 0, -1) if (seq - 1) % 2 or (seq - 1) % 3 == 0]
    assert [row.seq for row in stream_of(all_entries(), wanted)] == expected[::-1]
    seen: list[int | None] = []
    page = page_of(all_entries(), wanted, limit=4)
    assert page.newer is None
    while True:
        seen += [row.seq for row in page.rows]
        if page.older is None:
            break
        page = page_of(all_entries(), wanted, before=page.older, limit=4)
    assert seen == expected
    while page.newer is not None:
        later = page_of(all_entries(), wanted, after=page.newer, limit=4)
        assert later.rows[-1].seq == min(seq for seq in expected if seq > page.newer)
        page = later
    assert page.rows[0].seq == expected[0]
    assert page_of(all_entries(), Wanted(action="grant.give")).rows == []


def test_the_api_gives_pages_and_files_to_auditors(company: Company, client_of: ClientOf) -> None:
    frank = client_of(company, "frank")
    company.asked("alice", "a question about pomegranates")
    assert frank.get("/api/audit?limit=1").json()["items"] == []
    for path in ("/api/audit?since=2020-01-01T00:00:00", "/api/audit?cursor=-1", "/api/audit?action=%00"):
        assert frank.get(path).status_code == 400, path
    assert client_of(company, "dana").get("/api/audit/export").status_code == 404


def test_the_api_reads_committed_rows(live_company: Company, client_of: ClientOf) -> None:
    frank = client_of(live_company, "frank")
    live_company.asked("alice", "a question about pomegranates")
    first = frank.get("/api/audit?limit=2").json()
    second = frank.get(f"/api/audit?limit=2&cursor={first['next']}").json()
    numbers = [item["seq"] for item in first["items"] + second["items"]]
    assert numbers == sorted(numbers, reverse=True)
    only = frank.get(f"/api/audit?person={live_company.people['alice'].pk}&action=message.ask").json()
    assert [item["actor_name"] for item in only["items"]] == ["alice"]
    answer = frank.get("/api/audit/export?format=csv&action=message.ask")
    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    table = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert len(table.splitlines()) == 2
    lines = b"".join(frank.get("/api/audit/export").streaming_content)  # type: ignore[attr-defined]
    assert b"pomegranates" not in lines
    asked = Entry.objects.filter(action="audit.export", actor_name="frank")
    assert [row.place for row in asked] == ["GET /api/audit/export"] * 2
    assert live_company.people["frank"].platform_role == PlatformRole.AUDITOR


def test_a_row_without_a_reason_names_none(journal: None) -> None:
    entry = Entry.objects.exclude(reason="").earliest("seq")
    assert ocsf.event(entry)["status_detail"] == entry.reason
    # As rows are that were written before every row had one.
    entry.reason = ""
    assert "status_detail" not in ocsf.event(entry)
