"""What is past its time goes, all of it, with a proof; what the dry run counts is what goes."""

import hashlib
import threading
import time
import tracemalloc
import uuid
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.audit.models import Entry
from portal.chat.models import Conversation, Message
from portal.chat.services.ask import Question, ask
from portal.core.actor import system_actor
from portal.core.errors import NotFound
from portal.departments.denials import deny
from portal.retention import removal
from portal.retention.choices import DataKind
from portal.retention.keepers import Part, all_parts, keeper_of
from portal.retention.removal import LeftBehind, left_behind
from portal.retention.selectors import plan, preview
from portal.retention.services.holds import place_hold
from portal.retention.services.rules import proposed_rule, set_rule
from portal.retention.services.sweep import sweep
from portal.runs.choices import RunState
from portal.runs.models import Event, Run
from tests.people import Company
from tests.portal.retention.aged import ask_in, converse, rows, stored

SYSTEM = system_actor("test")


def proofs() -> list[dict[str, Any]]:
    entries = Entry.objects.filter(action="retention.sweep").order_by("at")
    return [orjson.loads(entry.body)["details"] for entry in entries]


def content(table: str, ids: Sequence[object], column: str = "id", key: str = "id::text") -> list[tuple[str, str]]:
    """(key, row as JSON) of a copy of the rows, by a way of its own."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key}, to_jsonb(t)::text FROM {table} t WHERE {column} = ANY(%s)", [list(ids)])
        return sorted(cursor.fetchall())


def hash_of(copied: Sequence[tuple[str, str]]) -> str:
    lines = (f"{key} {hashlib.sha256(line.encode()).hexdigest()}\n" for key, line in copied)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_old_conversations_go_whole(company: Company) -> None:
    old, new = converse(company, days=40, turns=3, count=2), converse(company, days=20, turns=2)
    set_rule(SYSTEM, 30, workspace=company.workspace())
    planned = plan(company.actor("dana"))
    done = sweep(SYSTEM)
    assert stored(old) == set()
    assert stored(new) == {new[0].pk}
    assert rows() == {"chat_conversation": 1, "chat_message": 4, "runs_run": 2, "runs_event": 4}
    assert planned.goes is not None
    assert (
        dict(planned.goes.rows)
        == dict(done.rows)
        == {
            "chat_conversation": 2,
            "chat_message": 12,
            "runs_run": 6,
            "runs_event": 12,
        }
    )
    assert sweep(SYSTEM).batches == 0


def test_what_was_shared_goes_with_its_grants(company: Company) -> None:
    [shared] = converse(company, days=40)
    ask_in(company, shared, "bob")
    dana, bob = company.actor("dana"), company.people["bob"]
    deny(SYSTEM, company.people["charlie"], shared, ["message.ask"], "not his")
    Conversation.objects.update(active_at="2020-01-01T00:00Z")
    set_rule(SYSTEM, 30)
    planned, done = plan(dana), sweep(SYSTEM)
    assert planned.goes is not None
    assert dict(planned.goes.rows) == dict(done.rows)
    assert (done.rows["chat_conversation_grant"], done.rows["chat_conversation_denial"]) == (2, 1)
    assert Run.objects.filter(owner=bob).count() == 0


def test_without_a_rule_nothing_goes(company: Company) -> None:
    old = converse(company, days=20_000)
    set_rule(SYSTEM, 1, workspace=company.workspace("Legal"))
    assert sweep(SYSTEM).batches == 0
    assert stored(old) == {old[0].pk}


def test_the_proof_fits_a_copy(company: Company) -> None:
    old = converse(company, days=40, turns=3, count=3)
    ids = [conversation.pk for conversation in old]
    runs = list(Message.objects.exclude(run=None).values_list("run_id", flat=True))
    copied = {
        "chat_conversation": content("chat_conversation", ids),
        "chat_message": content("chat_message", ids, "conversation_id"),
        "runs_run": content("runs_run", runs),
        "runs_event": content("runs_event", runs, "run_id", "run_id || ' ' || seq"),
    }
    set_rule(SYSTEM, 30)
    sweep(SYSTEM)
    [proof] = proofs()
    assert set(proof["items"]) == {str(pk) for pk in ids}
    assert proof["proof"] == {table: {"rows": len(lines), "sha256": hash_of(lines)} for table, lines in copied.items()}
    changed = [(key, line.replace("Answer", "answer")) for key, line in copied["chat_message"]]
    assert hash_of(changed) != proof["proof"]["chat_message"]["sha256"]


def test_the_journal_keeps_no_content(company: Company) -> None:
    converse(company, days=40)
    Conversation.objects.update(title="CANARY")
    Message.objects.update(text="CANARY", reasoning="CANARY")
    set_rule(SYSTEM, 30)
    sweep(SYSTEM)
    assert len(proofs()) == 1
    assert not Entry.objects.filter(body__contains="CANARY").exists()


def test_nothing_with_the_deleted_ids_is_left(company: Company) -> None:
    old = converse(company, days=40, turns=2)
    parts = all_parts(keeper_of(DataKind.CONVERSATIONS), [old[0].pk])
    before = left_behind(parts)
    set_rule(SYSTEM, 30)
    sweep(SYSTEM)
    assert {"chat_message.conversation_id", "runs_event.run_id", "chat_message.run_id"} <= set(before)
    assert left_behind(parts) == {}


def test_a_row_that_nobody_registered_stops_the_batch(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    old = converse(company, days=40)
    set_rule(SYSTEM, 30)
    keeper = keeper_of(DataKind.CONVERSATIONS)
    whole = type(keeper).parts
    monkeypatch.setattr(type(keeper), "parts", lambda self, items: whole(self, items)[1:])
    with pytest.raises(LeftBehind, match="runs_event"):
        sweep(SYSTEM)
    assert stored(old) == {old[0].pk}
    assert proofs() == []


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING, RunState.WAITING])
def test_an_unfinished_run_keeps_its_conversation(company: Company, state: RunState) -> None:
    old = converse(company, days=40, state=state)
    set_rule(SYSTEM, 30)
    planned = plan(company.actor("dana"))
    assert (planned.goes, planned.unfinished) == (None, 1)
    assert sweep(SYSTEM).batches == 0
    Run.objects.update(state=RunState.FINISHED)
    sweep(SYSTEM)
    assert stored(old) == set()


def test_a_sweep_that_was_cut_off_goes_on(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine dies while the third batch is being deleted: two batches are gone with their proofs, no more."""
    old = converse(company, days=40, count=10)
    set_rule(SYSTEM, 30)
    calls, whole = list[int](), removal.left_behind

    def die(parts: Sequence[Part]) -> dict[str, int]:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(parts)

    monkeypatch.setattr(removal, "left_behind", die)
    with pytest.raises(KeyboardInterrupt):
        sweep(SYSTEM, batch=3)
    assert len(stored(old)) == 4
    monkeypatch.setattr(removal, "left_behind", whole)
    sweep(SYSTEM, batch=3)
    assert stored(old) == set()
    deleted = [item for proof in proofs() for item in proof["items"]]
    assert sorted(deleted) == sorted(str(conversation.pk) for conversation in old)


def test_a_sweep_whose_connection_is_killed(live_company: Company) -> None:
    """In the middle of a batch, while it waits to delete a message: nothing of the batch is gone, nothing is noted."""
    old = converse(live_company, days=40, count=5)
    set_rule(SYSTEM, 30)
    failed = list[Exception]()

    def work() -> None:
        try:
            sweep(SYSTEM)
        except DatabaseError as error:
            failed.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        Message.objects.select_for_update().filter(conversation=old[3]).first()
        thread = threading.Thread(target=work)
        thread.start()
        while not terminated_waiting():
            time.sleep(0.01)
        thread.join()
    assert len(failed) == 1
    assert (len(stored(old)), proofs()) == (5, [])
    sweep(SYSTEM)
    assert (stored(old), len(proofs())) == (set(), 1)


def terminated_waiting() -> bool:
    """Kill the session that waits for a lock, where there is one."""
    with connection.cursor() as cursor:
        # What a transaction has seen of the activity it would see again.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            " AND query LIKE 'DELETE FROM chat_message%'"
        )
        return cursor.fetchone() is not None


def test_a_sweep_ends_when_its_time_is_up(company: Company) -> None:
    converse(company, days=40, count=6)
    set_rule(SYSTEM, 30)
    done = sweep(SYSTEM, seconds=0, batch=2)
    assert (done.items["conversations"], done.more) == (2, True)


def test_two_sweeps_at_once_delete_each_conversation_once(live_company: Company) -> None:
    old = converse(live_company, days=40, count=60)
    set_rule(SYSTEM, 30)
    start, failed = threading.Barrier(3), list[BaseException]()

    def work() -> None:
        try:
            start.wait()
            sweep(SYSTEM, batch=5)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    # A sweep ends when the others hold what is left.
    sweep(SYSTEM)
    deleted = [item for proof in proofs() for item in proof["items"]]
    assert sorted(deleted) == sorted(str(conversation.pk) for conversation in old)
    assert rows() == dict.fromkeys(rows(), 0)


def test_a_question_beside_the_sweep_keeps_its_conversation(live_company: Company) -> None:
    """Whoever comes first: the question's conversation stays, or it is gone and the question is not found."""
    [old] = converse(live_company, days=40)
    set_rule(SYSTEM, 30)
    seen = dict[str, Any]()

    def elsewhere() -> None:
        try:
            sweep(SYSTEM)
            seen["kept"] = stored([old])
        finally:
            connection.close()

    with transaction.atomic():
        ask(live_company.actor("alice"), old.pk, Question("And now?"))
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert seen["kept"] == {old.pk}
    assert sweep(SYSTEM).batches == 0
    [other] = converse(live_company, days=40)
    sweep(SYSTEM)
    with pytest.raises(NotFound):
        ask(live_company.actor("alice"), other.pk, Question("And now?"))


def test_ten_thousand_conversations_in_bounded_memory(live_company: Company) -> None:
    converse(live_company, days=40, count=10_000)
    set_rule(SYSTEM, 30)
    assert plan(live_company.actor("dana")).goes is not None
    tracemalloc.start()
    with CaptureQueriesContext(connection) as queries:
        connection.queries_log.clear()
        done = sweep(SYSTEM)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (done.items["conversations"], done.batches) == (10_000, 100)
    assert len(queries) <= 100 * 75
    assert peak < 40_000_000
    assert rows() == dict.fromkeys(rows(), 0)


DRAWN = st.lists(
    st.tuples(
        st.sampled_from(["alice", "bob", "charlie"]),
        st.sampled_from(["Logistics", "Legal", "Finance"]),
        st.sampled_from([0, 5, 15, 25, 400]),
        st.integers(1, 3),
        st.sampled_from([RunState.FINISHED, RunState.FAILED, RunState.RUNNING]),
    ),
    max_size=12,
)
RULES = st.dictionaries(st.sampled_from(["", "Logistics", "Legal", "Finance"]), st.sampled_from([None, 1, 10, 20, 300]))
HOLDS = st.lists(st.sampled_from(["alice", "bob", "Legal", "Finance desk"]), max_size=2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=DRAWN, ruled=RULES, held=HOLDS, batch=st.integers(1, 5))
def test_the_dry_run_counts_what_goes(
    company: Company,
    drawn: Sequence[tuple[str, str, int, int, RunState]],
    ruled: dict[str, int | None],
    held: list[str],
    batch: int,
) -> None:
    places: dict[str, Any] = company.people | company.departments
    places |= {workspace.name: workspace for workspace in company.workspaces.values()}
    dana = company.actor("dana")
    with transaction.atomic():
        for owner, department, days, turns, state in drawn:
            converse(company, owner, company.workspace(department), days=days, turns=turns, state=state)
        for name, kept in ruled.items():
            set_rule(SYSTEM, kept, department=company.departments.get(name))
        for name in held:
            place_hold(SYSTEM, places[name], "a dispute")
        before, planned = rows(), plan(dana)
        done = sweep(SYSTEM, batch=batch)
        after, again = rows(), plan(dana)
        gone = {table: before[table] - after[table] for table in before}
        assert gone == (dict(planned.goes.rows) if planned.goes else dict.fromkeys(before, 0))
        assert {table: done.rows[table] for table in before} == gone
        assert sum(place.goes.items for place in planned.places if place.goes) == done.items["conversations"]
        assert (again.goes, again.held, again.unfinished) == (None, planned.held, planned.unfinished)
        transaction.set_rollback(True)


def test_a_preview_counts_what_a_rule_would_delete(company: Company) -> None:
    converse(company, "alice", days=40)
    converse(company, "bob", days=50, count=2)
    converse(company, "charlie", company.workspace("Legal"), days=60)
    logistics = company.departments["Logistics"]
    seen = preview(proposed_rule(SYSTEM, 30, department=logistics))
    assert (seen.items, seen.people, seen.workspaces, seen.items_now) == (3, 2, 1, 0)
    assert preview(proposed_rule(SYSTEM, 45)).items == 3
    set_rule(SYSTEM, 30)
    kept = set_rule(SYSTEM, None, department=logistics)
    assert preview(kept, removed=True).items == 3
    assert preview(proposed_rule(SYSTEM, 30, department=company.departments["Legal"])).workspaces == 0


def test_plan_is_by_what_one_may_see(company: Company) -> None:
    converse(company, days=40)
    converse(company, "charlie", company.workspace("Legal"), days=40)
    set_rule(SYSTEM, 30)
    counted = {}
    for name in ("dana", "frank", "erin", "alice"):
        found = plan(company.actor(name))
        counted[name] = found.goes.items if found.goes else 0
    assert counted == {"dana": 2, "frank": 2, "erin": 1, "alice": 0}


def test_journals_of_an_unknown_run_stay(company: Company) -> None:
    """Only what hangs on the deleted conversations goes."""
    other = Run.objects.create(
        owner=company.people["alice"], workspace=company.workspace(), engine=company.engine, state=RunState.FINISHED
    )
    Event.objects.create(run=other, seq=1, type="state", payload={})
    converse(company, days=40)
    set_rule(SYSTEM, 30)
    sweep(SYSTEM)
    assert rows() == {"chat_conversation": 0, "chat_message": 0, "runs_run": 1, "runs_event": 1}
    assert uuid.UUID(str(other.pk)) in set(Run.objects.values_list("pk", flat=True))
