"""The journal: written with its act or not at all, chained at commit, never changed."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.audit.journal import Act, NotInTransaction, NotRecorded, Target, record, record_acts
from portal.audit.models import Entry, Head
from portal.audit.verify import GENESIS, link_hash, verify_chain
from portal.chat.models import Conversation, Message
from portal.chat.services.ask import Question, ask, start_conversation
from portal.core.actor import system_actor
from portal.core.catalogue import UnknownAction
from portal.core.clock import now
from portal.runs.models import Run
from tests.people import Company
from tests.portal.audit.broken_guards import SWALLOW
from tests.portal.audit.forgeries import run

ACTOR = system_actor("test")


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_entries_are_chained_at_commit(committed: None) -> None:
    with transaction.atomic():
        record(ACTOR, "run.reap")
        record(ACTOR, "run.reap", Target("run", "7"))
        assert set(Entry.objects.values_list("seq", flat=True)) == {None}
    first, second = Entry.objects.order_by("seq")
    assert (first.seq, first.previous_hash) == (1, GENESIS)
    assert first.hash == link_hash(GENESIS, 1, first.body, first.seal)
    assert (second.seq, second.previous_hash) == (2, first.hash)
    assert Head.objects.values_list("seq", "hash").get() == (2, second.hash)
    assert verify_chain().intact


def test_a_rolled_back_act_leaves_no_entry(committed: None) -> None:
    def act() -> None:
        with transaction.atomic():
            record(ACTOR, "run.reap")
            raise LookupError

    with pytest.raises(LookupError):
        act()
    with transaction.atomic():
        record(ACTOR, "run.reap")
    assert list(Entry.objects.values_list("seq", flat=True)) == [1]


def test_an_entry_needs_a_transaction(committed: None) -> None:
    with pytest.raises(NotInTransaction):
        record(ACTOR, "run.reap")
    assert not Entry.objects.exists()


def test_an_entry_names_an_action_of_the_catalogue(committed: None) -> None:
    with pytest.raises(UnknownAction), transaction.atomic():
        record(ACTOR, "nothing.known")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_name = 'nobody'",
        "UPDATE audit_entry SET seq = seq + 100",
        "DELETE FROM audit_entry WHERE seq = 3",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "TRUNCATE audit_entry, audit_head",
    ],
)
def test_entries_are_never_changed(statement: str, chain: list[Entry]) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        execute(statement)
    assert verify_chain().intact


def test_many_writers_make_one_chain(committed: None) -> None:
    def write() -> None:
        try:
            for _ in range(10):
                with transaction.atomic():
                    record(ACTOR, "run.reap")
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 61))
    assert verify_chain().intact


def test_what_cannot_be_recorded_does_not_happen(live_company: Company) -> None:
    """Without its head the journal can take no entry, and so nothing that belongs into it can be done."""
    conversation = live_company.conversation()
    Head.objects.all().delete()
    with pytest.raises(DatabaseError):
        ask(live_company.actor("alice"), conversation.pk, Question("Where is container 7?"))
    with pytest.raises(DatabaseError):
        start_conversation(live_company.actor("alice"), live_company.workspace().pk)
    assert not Message.objects.exists()
    assert not Run.objects.exists()
    assert list(Conversation.objects.values_list("pk", flat=True)) == [conversation.pk]


@pytest.mark.parametrize("swallowing", [SWALLOW, "CREATE RULE swallow AS ON INSERT TO audit_entry DO INSTEAD NOTHING"])
def test_an_act_whose_row_is_swallowed_does_not_happen(live_company: Company, swallowing: str) -> None:
    conversation = live_company.conversation()
    before = Entry.objects.count()
    run(swallowing)
    try:
        with pytest.raises(NotRecorded):
            ask(live_company.actor("alice"), conversation.pk, Question("Where is container 7?"))
        with pytest.raises(NotRecorded):
            start_conversation(live_company.actor("alice"), live_company.workspace().pk)
    finally:
        run("DROP TRIGGER IF EXISTS swallow ON audit_entry;\nDROP RULE IF EXISTS swallow ON audit_entry")
    assert (Entry.objects.count(), Message.objects.count(), Run.objects.count()) == (before, 0, 0)
    assert Conversation.objects.count() == 1


def test_a_row_without_a_seal_is_refused(committed: None) -> None:
    entry = Entry(at=now(), actor_kind="system", actor_name="", action="run.reap", outcome="allowed", body="{}")
    with pytest.raises(DatabaseError, match="needs a seal"):
        entry.save(force_insert=True)
    assert not Entry.objects.exists()


def test_a_record_is_one_round_trip(committed: None) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        record_acts(ACTOR, [Act("run.reap"), Act("run.reap")])
    assert [query["sql"].split(" (")[0] for query in asked.captured_queries] == ['INSERT INTO "audit_entry"']
    assert verify_chain().entries == 2


def test_entries_hold_no_content(live_company: Company) -> None:
    live_company.asked("alice", "a question about pomegranates")
    assert Entry.objects.filter(action="message.ask").count() == 1
    assert not any("pomegranates" in entry.body for entry in Entry.objects.all())
