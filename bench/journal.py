"""A journal of many rows: verified, listed, exported, and written to by many threads. Started by `bench.audit`."""

import datetime
import hashlib
import io
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import django

from bench.machine import memory_mb
from bench.table import Row, print_table

django.setup()

from django.db import connection, transaction  # noqa: E402

from portal.audit.exports import exported  # noqa: E402
from portal.audit.journal import (  # noqa: E402
    Act,
    record_acts,
    set_body,
)
from portal.audit.models import Entry  # noqa: E402
from portal.audit.selectors import all_entries  # noqa: E402
from portal.audit.verify import verify_chain  # noqa: E402
from portal.audit.wanted import (  # noqa: E402
    Wanted,
    page_of,
    stream_of,
)
from portal.audit.witness import witness  # noqa: E402
from portal.core.actor import system_actor  # noqa: E402
from portal.core.clock import now  # noqa: E402
from portal.core.reasons import COMMON  # noqa: E402

ACTIONS = ("conversation.view", "message.ask", "run.execute", "run.view", "workspace.list", "grant.give")
PEOPLE = [uuid.UUID(int=number) for number in range(1, 2_001)]
LIST_SECONDS = 0.2


def fill(count: int) -> None:
    """A journal as the appliance would have written it, past the triggers: through them it would take hours."""

    columns = [field.attname for field in Entry._meta.concrete_fields]
    previous, began = "0" * 64, now()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        with cursor.copy(f"COPY audit_entry ({', '.join(columns)}) FROM STDIN") as copy:
            for seq in range(1, count + 1):
                entry = _entry(seq, began)
                set_body(entry, {"characters": seq % 5_000, "thinking": "off"})
                linked = f"{previous}\n{seq}\n{entry.body}\n{entry.seal}"
                entry.previous_hash, entry.hash = previous, hashlib.sha256(linked.encode()).hexdigest()
                previous = entry.hash
                copy.write_row([getattr(entry, column) for column in columns])
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
        cursor.execute("UPDATE audit_head SET seq = %s, hash = %s", [count, previous])
        cursor.execute("VACUUM ANALYZE audit_entry")


def _entry(seq: int, began: datetime.datetime) -> Entry:

    denied = seq % 50 == 0
    return Entry(
        seq=seq,
        at=began + datetime.timedelta(seconds=seq - 1_000_000),
        actor_kind="person",
        actor_id=PEOPLE[seq * 7919 % len(PEOPLE)],
        actor_name=f"person {seq * 7919 % len(PEOPLE)}",
        action=ACTIONS[seq % len(ACTIONS)],
        object_type="conversation",
        object_id=str(uuid.UUID(int=seq // 20)),
        outcome="denied" if denied else "allowed",
        reason="missing or not visible" if denied else COMMON[seq % len(COMMON)],
        place="GET /c/<uuid:conversation_id>/",
        address="10.0.0.1",
        on_behalf_of_id=PEOPLE[seq % len(PEOPLE)] if seq % 6 == 2 else None,
    )


@contextmanager
def taken() -> Iterator[list[float]]:
    seconds: list[float] = []
    started = time.monotonic()
    yield seconds
    seconds.append(time.monotonic() - started)


def verification(count: int) -> list[Row]:

    before = memory_mb([os.getpid()])
    with taken() as seconds:
        report = verify_chain()
    # Nothing was noted: that the journal has no checkpoints is the one thing to find.
    assert report.entries == count
    assert len(report.findings) <= 1, report.findings
    grown = memory_mb([os.getpid()]) - before
    return [
        Row(f"audit verify, {count:,} rows", seconds[0], "s", 60),
        Row("audit verify: memory added", max(0.0, grown), "MB", 50),
    ]


def lists() -> list[Row]:
    """Each filter of the viewer, its first page and one from the middle."""

    middle = now() - datetime.timedelta(days=6)
    asked = {
        "everything": Wanted(),
        "a person": Wanted(person=PEOPLE[7]),
        "an action": Wanted(action="grant.give"),
        "an action nobody did": Wanted(action="audit.begin"),
        "denied": Wanted(outcome="denied"),
        "an object": Wanted(object_type="conversation", object_id=str(uuid.UUID(int=77))),
        "a kind of object": Wanted(object_type="conversation"),
        "a kind nobody has": Wanted(object_type="nothing"),
        "a day in the middle": Wanted(since=middle, until=middle + datetime.timedelta(days=1)),
        "before the middle": Wanted(until=middle),
        "a person's denials": Wanted(person=PEOPLE[7], outcome="denied"),
        "a reason": Wanted(reason="not visible"),
        "a common reason": Wanted(reason="owner"),
        "a reason nobody was given": Wanted(reason="pomegranates"),
    }
    rows = []
    for name, wanted in asked.items():
        slowest = 0.0
        for before in (None, 500_000):
            with taken() as seconds:
                page_of(all_entries(), wanted, before=before)
            slowest = max(slowest, seconds[0])
        rows.append(Row(f"journal: {name}", slowest * 1000, "ms", LIST_SECONDS * 1000))
    return rows


def exporting(count: int) -> list[Row]:

    sink = io.BytesIO()
    with taken() as seconds:
        for piece in exported(system_actor("bench"), stream_of(all_entries(), Wanted()), "jsonl"):
            sink.seek(0)
            sink.write(piece)
    return [Row(f"audit export, {count:,} rows", seconds[0], "s")]


def reads(threads: int, each: int = 150) -> list[Row]:
    """Reads that are recorded by many threads at once: one commit a row, and shared commits."""

    actor, act = system_actor("bench"), Act("run.view")

    def alone() -> None:
        with transaction.atomic():
            record_acts(actor, [act])

    def run(work: Callable[[], None]) -> float:
        def repeat() -> None:
            for _ in range(each):
                work()
            connection.close()

        started = time.monotonic()
        running = [threading.Thread(target=repeat) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return threads * each / (time.monotonic() - started)

    single, shared = run(alone), run(lambda: witness(actor, act))
    return [
        Row(f"rows a second, {threads} threads, a commit each", single, ""),
        Row(f"rows a second, {threads} threads, shared commits", shared, ""),
    ]


def main(count: int) -> None:
    with taken() as seconds:
        fill(count)
    print(f"{count:,} rows made in {seconds[0]:.0f} s")
    rows = [*verification(count), *lists(), *exporting(count), *reads(1), *reads(8)]
    connection.close()
    print_table(rows)


if __name__ == "__main__":
    main(int(sys.argv[1]))
