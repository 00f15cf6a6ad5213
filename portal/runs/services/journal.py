"""Appending to the journals of runs: many runs in one statement, each under its fencing token."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from django.db import connection

from portal.core.own_connection import own_connection
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


class JournalPen:
    """Appends on an event loop, over a connection of its own: a change of thread and back would cost every token.

    Belongs to one event loop, and to one caller at a time.
    """

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection | None = None

    async def append(self, batch: Sequence[FencedEvent]) -> set[uuid.UUID]:
        """Write the events, in their order, and return the runs of which an event was refused.

        The caller must write nothing more for a returned run: another worker owns it, or it is final.

        Raises:
            psycopg.Error: the database is away; the next call connects anew.
        """
        try:
            if self._connection is None:
                self._connection = await own_connection()
            cursor = await self._connection.execute(_APPEND, _columns(batch))
            written = Counter(run for (run,) in await cursor.fetchall())
        except BaseException:
            # A statement that was cut off leaves the connection in an unknown state.
            await self.close()
            raise
        wanted = Counter(item.event.run for item in batch)
        return {run for run, count in wanted.items() if written[run] != count}

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _columns(batch: Sequence[FencedEvent]) -> list[list[Any]]:
    return [
        [item.event.run for item in batch],
        [item.fence for item in batch],
        [item.event.seq for item in batch],
        [item.event.type for item in batch],
        [orjson.dumps(item.event.payload).decode() for item in batch],
    ]


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
