"""Appending to the journals of runs: many runs in one statement, each under its fencing token."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from django.db import connection

from portal.runs.events import JournalEvent

# A row is taken only while the writer holds the run: same fence, still running, lease not over by the database's
# clock. A number that is already there was written by another owner, so the row is refused as well.
_APPEND = """
INSERT INTO runs_event (run_id, seq, type, payload)
SELECT new.run_id, new.seq, new.type, new.payload::jsonb
FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::text[], %s::text[]) AS new (run_id, fence, seq, type, payload)
JOIN runs_run run ON run.id = new.run_id AND run.fence = new.fence
    AND run.state IN ('running', 'waiting') AND run.lease_until > now()
ON CONFLICT DO NOTHING
RETURNING run_id
"""


_INSERT = """
INSERT INTO runs_event (run_id, seq, type, payload)
SELECT * FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::jsonb[])
"""


@dataclass(frozen=True, slots=True)
class FencedEvent:
    event: JournalEvent
    fence: int


def append_events(batch: Sequence[FencedEvent]) -> set[uuid.UUID]:
    """Write the events, in their order, and return the runs of which every event was refused or lost its lease.

    The caller must write nothing more for a returned run: another worker owns it, or it is final.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND,
            [
                [item.event.run for item in batch],
                [item.fence for item in batch],
                [item.event.seq for item in batch],
                [item.event.type for item in batch],
                [orjson.dumps(item.event.payload).decode() for item in batch],
            ],
        )
        written: dict[uuid.UUID, int] = {}
        for (run_id,) in cursor.fetchall():
            written[run_id] = written.get(run_id, 0) + 1
    wanted: dict[uuid.UUID, int] = {}
    for item in batch:
        wanted[item.event.run] = wanted.get(item.event.run, 0) + 1
    return {run for run, count in wanted.items() if written.get(run, 0) != count}


def insert_events(events: Sequence[JournalEvent]) -> None:
    """Store events of runs whose rows the caller has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                [event.run for event in events],
                [event.seq for event in events],
                [event.type for event in events],
                [orjson.dumps(event.payload).decode() for event in events],
            ],
        )
