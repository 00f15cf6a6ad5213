"""Forwarding rows to the company's own collector, in order, as they come.

One worker at a time sends; acts never wait for it. The position moves after the sink took a batch, so that after a cut
rows may come twice, and none is left out.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import orjson
import structlog
from django.conf import settings
from django.db import connection

from portal.audit import ocsf
from portal.audit.heads_copy import lines_after, seq_of
from portal.audit.models import Entry
from portal.audit.selectors import all_entries, current_head
from portal.audit.sinks import INFORMATIONAL, WARNING, Message, deliver
from portal.audit.standing import is_late, seconds_behind, standing, update_standing
from portal.core.clock import now

log = structlog.get_logger(__name__)

BATCH = 500
# A tick ends after so long; the next goes on.
TICK_SECONDS = 20.0
# Who forwards holds this lock of PostgreSQL.
FORWARD_LOCK = 7_205_393
LATE_SAID_EVERY = 60.0

Send = Callable[[Sequence[Message]], None]

_said_late = -LATE_SAID_EVERY


def forward() -> int:
    """Send what the sink has not taken yet, for at most a tick; returns how many rows it took."""
    if settings.AUDIT_FORWARD is None:
        return 0
    send = partial(deliver, settings.AUDIT_FORWARD, ca=settings.AUDIT_FORWARD_CA)
    with _alone() as free:
        if not free:
            return 0
        sent = 0
        try:
            for count in _batches(send):
                sent += count
            _send_heads(send)
        except OSError as error:
            problem = f"{type(error).__name__}: {error.strerror or error}"[:200]
            update_standing(problem=problem)
            log.warning("audit.not_forwarded", problem=problem)
        _say_where_late()
        return sent


@contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [FORWARD_LOCK])
        free = bool(cursor.fetchone()[0])
        try:
            yield free
        finally:
            if free:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [FORWARD_LOCK])


def _batches(send: Send) -> Iterator[int]:
    ends = time.monotonic() + TICK_SECONDS
    head = current_head()
    # A database from a backup is shorter; its new rows get numbers that were sent before.
    known = standing().forwarded_seq
    position = min(known, head.seq if head else 0)
    if position < known:
        log.error("audit.journal_went_back", forwarded=known, rows=position)
        update_standing(forwarded_seq=position)
    while time.monotonic() < ends:
        rows = list(all_entries().filter(seq__gt=position).order_by("seq")[:BATCH])
        if not rows:
            return
        send([_message(row) for row in rows])
        position = rows[-1].seq or position
        update_standing(forwarded_seq=position, forwarded_at=now(), problem="")
        yield len(rows)


def _send_heads(send: Send) -> None:
    lines = lines_after(settings.AUDIT_HEADS, standing().heads_seq)
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        send([_head_message(line) for line in batch])
        update_standing(heads_seq=seq_of(batch[-1]), problem="")


def _message(row: Entry) -> Message:
    severity = INFORMATIONAL if row.outcome == "allowed" else WARNING
    return Message(row.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), row.action, ocsf.line(row).removesuffix(b"\n"), severity)


def _head_message(line: bytes) -> Message:
    """A line of checkpoints as it stands in the file, in OCSF's base event."""
    moment = now()
    event = {
        "class_uid": 0,
        "category_uid": 0,
        "activity_id": 99,
        "activity_name": "checkpoint",
        "type_uid": 99,
        "severity_id": 1,
        "time": int(moment.timestamp() * 1000),
        "metadata": {"version": ocsf.VERSION, "product": ocsf.PRODUCT},
        "message": line.decode("ascii", "replace").removesuffix("\n"),
    }
    return Message(moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "audit.checkpoint", orjson.dumps(event))


def _say_where_late() -> None:
    """A warning, at most once a minute, for as long as the sink is late."""
    global _said_late
    head, position = current_head(), standing().forwarded_seq
    lag, behind = (head.seq if head else 0) - position, seconds_behind(position)
    if is_late(lag, behind) and time.monotonic() - _said_late >= LATE_SAID_EVERY:
        _said_late = time.monotonic()
        log.warning("audit.forwarding_is_late", rows=lag, seconds=round(behind))
