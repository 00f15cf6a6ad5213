"""Importing: everything of a file, once, whatever happens meanwhile."""

import datetime
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.services import suspend_person
from portal.audit.models import Entry
from portal.chat.access import conversation_for_view
from portal.chat.imports import execution, files
from portal.chat.imports.choices import ImportState
from portal.chat.imports.execution import MOST_ATTEMPTS, Batch, Lost, claim, resume_lost, store_batch, tidy_up
from portal.chat.imports.models import Import, ImportOrigin, ImportProblem
from portal.chat.imports.receiving import cancel_import, receive, start_import
from portal.chat.imports.selectors import import_for_view, imports
from portal.chat.models import Conversation, Message
from portal.chat.selectors import branch, prompts
from portal.chat.services.ask import Question, ask
from portal.core.actor import system_actor
from portal.core.clock import now
from portal.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound, TooLarge
from portal.departments.denials import deny
from portal.retention.services.erase import erase_person
from portal.retention.services.export import export_person
from portal.retention.services.rules import set_rule
from portal.retention.services.sweep import sweep
from tests.conftest import ClientOf
from tests.foreign_exports import BEGUN, as_bytes, chatgpt, librechat, openwebui, zipped
from tests.people import Company
from tests.portal.chat.imported import imported, received, tree
from workers.adapters.imports import execute

SYSTEM = system_actor("test")
AT = datetime.datetime.fromtimestamp(BEGUN, datetime.UTC)
MIXED = [openwebui("w"), librechat(), chatgpt()]


def counts(found: Import) -> tuple[str, int, int, int]:
    return found.state, found.imported, found.unchanged, found.failed


def many(number: int) -> bytes:
    return as_bytes([openwebui(f"chat-{index}", title=f"Chat {index}") for index in range(number)])


def test_conversations_come_with_branches_times_and_models(company: Company) -> None:
    done = imported(company, as_bytes(MIXED))
    assert counts(done) == ("finished", 3, 0, 0)
    assert (done.messages, done.files_left_out, done.share) == (12, 2, 1)
    found = Conversation.objects.get(title="Containers")
    assert (found.owner, found.workspace) == (company.people["alice"], company.workspace())
    assert (found.created_at, found.active_at) == (AT, AT + datetime.timedelta(seconds=10))
    assert {(parent, author, model) for parent, author, _, model, _ in tree(found)} == {
        ("", "user", ""),
        ("Where is container 0?", "assistant", "qwen3:8b"),
        ("Where is container 0?", "assistant", "llama3:8b"),
    }
    # The branch that was shown is shown.
    assert [message.text for message in branch(found)] == ["Where is container 0?", "In bay 0, says answer 1."]


def test_what_is_imported_goes_on(company: Company) -> None:
    imported(company, as_bytes([openwebui()]))
    found = Conversation.objects.get()
    asked = ask(company.actor("alice"), found.pk, Question("And container 9?"))
    assert [(turn.role, turn.text) for turn in prompts([asked.run.pk])[asked.run.pk]] == [
        ("user", "Where is container 0?"),
        ("assistant", "In bay 0, says answer 1."),
        ("user", "And container 9?"),
    ]


def test_importing_twice_makes_nothing_twice(company: Company) -> None:
    for file in (as_bytes(MIXED), zipped({"conversations.json": as_bytes(MIXED)})):
        done = imported(company, file)
    assert counts(done) == ("finished", 0, 3, 0)
    assert (Conversation.objects.count(), Message.objects.count()) == (3, 12)
    # Another person's is another one; and what was deleted can come again.
    assert counts(imported(company, as_bytes(MIXED), "bob"))[1] == 3
    Conversation.objects.filter(owner=company.people["alice"], title="Customs").delete()
    assert counts(imported(company, as_bytes(MIXED))) == ("finished", 1, 2, 0)


def test_bad_conversations_are_listed_and_the_others_come(company: Company) -> None:
    bad = [openwebui("x" * 300, title="A bad id"), 7, openwebui("again"), openwebui("again", title="T" * 4_000)]
    done = imported(company, as_bytes([*MIXED, *bad]))
    assert counts(done) == ("finished", 4, 0, 3)
    assert [(row.number, row.title[:8], row.code) for row in ImportProblem.objects.order_by("number")] == [
        (4, "A bad id", "bad_id"),
        (5, "", "not_a_conversation"),
        (7, "TTTTTTTT", "duplicate_id"),
    ]
    assert {len(row.title) for row in ImportProblem.objects.all()} == {8, 0, 120}


def test_hostile_titles_and_texts_are_stored_as_they_are(company: Company) -> None:
    """Pages escape and sanitise them, as they do what models write. NUL cannot be stored."""
    title = "<script>alert(1)</script>\u202e\x00\n[x](javascript:alert(1))"
    imported(company, as_bytes([openwebui(title=title)]))
    assert Conversation.objects.get().title == "<script>alert(1)</script>\u202e\ufffd [x](javascript:alert(1))"


def test_a_file_that_is_cut_off_keeps_what_came(company: Company) -> None:
    done = imported(company, as_bytes(MIXED)[:-60])
    assert counts(done) == ("failed", 2, 0, 0)
    assert done.error_code == "truncated"


def test_times_to_come_are_not_believed(company: Company) -> None:
    chat = openwebui() | {"updated_at": time.time() + 10_000_000}
    imported(company, as_bytes([chat]))
    assert Conversation.objects.get().active_at <= now()


def test_the_file_is_gone_afterwards(live_company: Company) -> None:
    begun = received(live_company, many(2))
    assert files.path_of(begun.pk).exists()
    execute(begun.pk)
    assert not files.path_of(begun.pk).exists()
    assert Import.objects.get().state == ImportState.FINISHED


KILLED = """
import os, signal, sys, uuid
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[2]
from workers.adapters import imports
stored = imports.store_batch
def once(claimed, batch):
    stored(claimed, batch)
    print("stored", flush=True)
    signal.pause()
imports.store_batch, imports.BATCH_CONVERSATIONS = once, 10
imports.execute(uuid.UUID(sys.argv[1]))
"""


def test_a_worker_that_is_killed_is_followed_by_another(live_company: Company) -> None:
    """kill -9 after the first batch: the next worker begins behind it, and nothing stands twice."""
    begun = received(live_company, many(35))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "appliance.settings"}
    arguments = [sys.executable, "-c", KILLED, str(begun.pk), str(connection.settings_dict["NAME"])]
    worker = subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=settings.BASE_DIR, env=environment)
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"stored\n"
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    assert (Conversation.objects.count(), Import.objects.get().position) == (10, 10)
    # Its claim holds until the lease is over.
    assert claim(begun.pk) is None
    Import.objects.update(lease_until=now() - datetime.timedelta(seconds=1))
    execute(begun.pk)
    done = Import.objects.get()
    assert counts(done) == ("finished", 35, 0, 0)
    assert Conversation.objects.count() == 35
    assert sorted(Conversation.objects.values_list("title", flat=True)) == sorted(f"Chat {n}" for n in range(35))


def test_who_lost_the_claim_stores_nothing(company: Company) -> None:
    begun = received(company, many(1))
    first = claim(begun.pk)
    assert first is not None
    Import.objects.update(lease_until=now() - datetime.timedelta(seconds=1))
    assert claim(begun.pk) is not None
    with pytest.raises(Lost):
        store_batch(first, Batch(1))


def test_what_fails_again_and_again_is_given_up(company: Company) -> None:
    begun = received(company, many(1))
    for _ in range(MOST_ATTEMPTS):
        assert claim(begun.pk) is not None
        Import.objects.update(lease_until=now() - datetime.timedelta(seconds=1))
    assert claim(begun.pk) is None
    resume_lost()
    assert (Import.objects.get().state, Import.objects.get().error_code) == ("failed", "interrupted")


def test_cancelling_stops_and_keeps_what_came(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = received(company, many(30))
    monkeypatch.setattr("workers.adapters.imports.BATCH_CONVERSATIONS", 10)
    stored = execution.store_batch

    def then_cancel(*arguments: object) -> None:
        stored(*arguments)  # type: ignore[arg-type]
        cancel_import(company.actor("alice"), begun.pk)

    monkeypatch.setattr("workers.adapters.imports.store_batch", then_cancel)
    execute(begun.pk)
    assert counts(Import.objects.get()) == ("cancelled", 10, 0, 0)
    assert Conversation.objects.count() == 10


def test_an_upload_is_cancelled_at_once(live_company: Company) -> None:
    actor = live_company.actor("alice")
    begun = start_import(actor, live_company.workspace().pk, "x.json", 10)
    receive(actor, begun.pk, 0, b"[1,2")
    cancel_import(actor, begun.pk)
    assert not files.path_of(begun.pk).exists()
    assert claim(begun.pk) is None
    start_import(actor, live_company.workspace().pk, "y.json", 10)


def _suspend(company: Company) -> None:
    suspend_person(company.actor("dana"), company.people["alice"])


def _deny(company: Company) -> None:
    deny(SYSTEM, company.people["alice"], company.workspace(), ["conversation.create"])


@pytest.mark.parametrize("lose", [_suspend, _deny])
def test_who_may_no_longer_create_conversations_imports_nothing(
    company: Company, lose: Callable[[Company], None]
) -> None:
    begun = received(company, many(3))
    lose(company)
    execute(begun.pk)
    found = Import.objects.get()
    assert (found.state, found.error_code, Conversation.objects.count()) == ("failed", "not_allowed", 0)


def raised(work: Callable[[], object]) -> str:
    try:
        work()
    except AppError as error:
        return error.code
    return ""


def test_pieces_come_in_their_order(company: Company) -> None:
    actor = company.actor("alice")
    begun = start_import(actor, company.workspace().pk, "x.json", 10)
    receive(actor, begun.pk, 0, b"[1,2")
    # Sent again, as after a lost answer: where to go on is said.
    with pytest.raises(Conflict) as refused:
        receive(actor, begun.pk, 0, b"[1,2")
    assert refused.value.details == {"received": 4}
    with pytest.raises(TooLarge):
        receive(actor, begun.pk, 4, b"1234567")
    with pytest.raises(Invalid):
        receive(actor, begun.pk, 4, b"")
    # What was written and not committed is written over.
    with files.path_of(begun.pk).open("ab") as file:
        file.write(b"left over")
    receive(actor, begun.pk, 4, b"      ")
    assert files.path_of(begun.pk).read_bytes() == b"[1,2      "
    assert Import.objects.get().state == ImportState.QUEUED
    assert raised(lambda: receive(actor, begun.pk, 10, b"x")) == "complete"


def test_sizes_and_turns(company: Company) -> None:
    actor, workspace = company.actor("alice"), company.workspace().pk
    assert raised(lambda: start_import(actor, workspace, "x", 0)) == "empty_file"
    assert raised(lambda: start_import(actor, workspace, "x", 201 * 1024**2)) == "too_large"
    start_import(actor, workspace, "n" * 4_000 + "\x00", 200 * 1024**2)
    assert len(Import.objects.get().name) == 120
    assert raised(lambda: start_import(actor, workspace, "x", 10)) == "import_running"
    start_import(company.actor("bob"), workspace, "x", 10)


def test_whose_import_it_is(company: Company) -> None:
    begun = received(company, many(1))
    for name in ("bob", "erin", "dana", "frank", "charlie"):
        actor = company.actor(name)
        assert not imports(actor).exists()
        for work in (import_for_view, cancel_import):
            with pytest.raises(NotFound):
                work(actor, begun.pk)
    with pytest.raises(NotFound):
        start_import(company.actor("charlie"), company.workspace().pk, "x", 10)
    deny(SYSTEM, company.people["bob"], company.workspace(), ["conversation.create"])
    with pytest.raises(Forbidden):
        start_import(company.actor("bob"), company.workspace().pk, "x", 10)


def test_the_journal_tells_it(company: Company) -> None:
    done = imported(company, many(2))
    rows = Entry.objects.filter(action__in=["conversation.import", "import.execute"]).order_by("at")
    assert [(row.action, row.actor_name, row.object_type) for row in rows] == [
        ("conversation.import", "alice", "import"),
        ("conversation.import", "alice", "import"),
        *[("conversation.import", "importer", "conversation")] * 2,
        ("import.execute", "importer", "import"),
    ]
    assert {row.on_behalf_of_id for row in rows[2:]} == {company.people["alice"].pk}
    assert rows[4].object_id == str(done.pk)
    assert not [row for row in rows if "Chat" in row.body]


def test_retention_counts_from_the_last_message_and_takes_everything(company: Company) -> None:
    imported(company, as_bytes(MIXED))
    fresh = company.conversation()
    set_rule(SYSTEM, 30, workspace=company.workspace())
    sweep(SYSTEM)
    assert list(Conversation.objects.all()) == [fresh]
    assert not ImportOrigin.objects.exists()


def test_erasure_and_export_of_a_person(live_company: Company) -> None:
    begun = received(live_company, as_bytes([*MIXED, 7]))
    person = live_company.people["alice"].pk
    assert b"imports.jsonl" in b"".join(export_person(SYSTEM, person))
    erase_person(live_company.actor("dana"), person)
    execute(begun.pk)
    assert not Import.objects.exists()
    assert not ImportProblem.objects.exists()
    assert not Conversation.objects.filter(owner_id=person).exists()
    assert not files.path_of(begun.pk).exists()


def test_what_is_long_over_is_forgotten(live_company: Company) -> None:
    imported(live_company, as_bytes([7]))
    actor = live_company.actor("alice")
    abandoned = start_import(actor, live_company.workspace().pk, "x.json", 10)
    orphan = Path(settings.IMPORTS_DIR) / uuid.uuid4().hex
    orphan.write_bytes(b"x")
    tidy_up()
    assert (Import.objects.count(), ImportProblem.objects.count(), orphan.exists()) == (2, 1, True)
    Import.objects.update(received_at=now() - datetime.timedelta(hours=25))
    Import.objects.exclude(pk=abandoned.pk).update(finished_at=now() - datetime.timedelta(days=31))
    os.utime(orphan, (0, 0))
    tidy_up()
    assert [(row.pk, row.error_code) for row in Import.objects.all()] == [(abandoned.pk, "never_completed")]
    assert not orphan.exists()


def test_imported_conversations_are_private(company: Company) -> None:
    imported(company, many(1))
    with pytest.raises(NotFound):
        conversation_for_view(company.actor("bob"), Conversation.objects.get().pk)


def test_the_page_lists_twenty_in_as_many_statements_as_one(company: Company, client_of: ClientOf) -> None:
    client = client_of(company, "alice")
    taken = []
    for number in (1, 20):
        for place in range(number):
            row = Import.objects.create(
                owner=company.people["alice"],
                workspace=company.workspace(),
                name=f"{place}<b>.json",
                size=1,
                received_at=now(),
                state=ImportState.FINISHED,
                failed=60,
            )
            ImportProblem.objects.bulk_create(
                ImportProblem(of=row, number=line, title="<i>", code="cycle") for line in range(60)
            )
        client.get("/imports/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/imports/").content.decode()
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 15
    assert ("<b>" in page, "&lt;i&gt;" in page, "and 10 more" in page) == (False, True, True)
