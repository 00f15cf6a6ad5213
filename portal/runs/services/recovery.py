"""Taking back what a lost worker held, and ending runs that no worker owns."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection, transaction

from portal.audit.journal import Target, record
from portal.configuration import live
from portal.core.actor import system_actor
from portal.core.clock import now
from portal.runs.choices import RunState
from portal.runs.doorbell import ring_on_commit
from portal.runs.events import JournalEvent, error_payload, state_payload
from portal.runs.models import Run
from portal.runs.services.journal import insert_events
from portal.runs.services.queue import ITS_TURN, pass_the_turn

log = structlog.get_logger(__name__)

REAPER = system_actor("reaper")

_EXPIRED = """
SELECT id FROM runs_run
WHERE state IN ('running', 'waiting') AND lease_until < now()
   OR state = 'queued' AND cancel_requested_at IS NOT NULL
ORDER BY lease_until LIMIT 500 FOR UPDATE SKIP LOCKED
"""

_UNHEARD = f"""
UPDATE runs_run SET rung_at = now()
WHERE id IN (SELECT id FROM runs_run run WHERE state = 'queued' AND rung_at < now() - make_interval(secs => %s)
                AND {ITS_TURN}
             ORDER BY created_at LIMIT 200 FOR UPDATE SKIP LOCKED)
RETURNING id
"""  # noqa: S608  # a constant

# Asked every two seconds, and nearly always answered with no.
_ANYTHING = f"""
SELECT EXISTS (
    SELECT FROM runs_run run
    WHERE state IN ('running', 'waiting') AND lease_until < now()
        OR state = 'queued' AND (cancel_requested_at IS NOT NULL OR rung_at < now() - make_interval(secs => %s)
            AND {ITS_TURN})
)
"""  # noqa: S608  # a constant


@dataclass(frozen=True, slots=True)
class Reaped:
    requeued: list[uuid.UUID]
    ended: list[uuid.UUID]
    rung: int


def reap(ring_after_seconds: float = 8) -> Reaped:
    """Requeue runs whose lease is over, end those out of attempts or stopped, and ring again for unheard jobs.

    Idempotent and safe beside itself (``SKIP LOCKED``). Jobs are sent when the caller's transaction commits.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ANYTHING, [ring_after_seconds])
        if not cursor.fetchone()[0]:
            return Reaped([], [], 0)
    with transaction.atomic():
        requeued: list[uuid.UUID] = []
        ended: list[uuid.UUID] = []
        for run in Run.objects.filter(pk__in=_ids(_EXPIRED)):
            has_ended = _take_back(run)
            (ended if has_ended else requeued).append(run.pk)
            change = "ended" if has_ended else "queued again"
            record(REAPER, "run.reap", Target("run", run.pk), details={"change": change}, on_behalf_of=run.owner_id)
        unheard = _ids(_UNHEARD, ring_after_seconds)
        for run_id in [*requeued, *unheard]:
            ring_on_commit(run_id)
    if requeued or ended:
        log.warning("runs.reaped", requeued=len(requeued), ended=len(ended))
    return Reaped(requeued, ended, len(unheard))


def _ids(statement: str, *arguments: float) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return [row[0] for row in cursor.fetchall()]


def _take_back(run: Run) -> bool:
    """End the run (True) or queue it again (False), with the event that says so."""
    if run.cancel_requested_at is not None:
        end_unowned(run, RunState.CANCELLED)
        return True
    if run.attempts >= live.whole_number("run_attempts"):
        end_unowned(run, RunState.FAILED, error=("worker_lost", "The worker was lost several times. Try again."))
        return True
    run.state, run.lease_until = RunState.QUEUED, None
    run.save(update_fields=["state", "lease_until"])
    add_events(run, [("state", state_payload("queued", attempt=run.attempts))])
    return False


def end_unowned(run: Run, state: RunState, error: tuple[str, str] | None = None) -> list[JournalEvent]:
    """Close a run that no worker owns. The caller holds its row lock."""
    run.state, run.lease_until = state, None
    run.error_code = error[0] if error else ""
    run.finished_at = now()
    run.save(update_fields=["state", "lease_until", "error_code", "finished_at"])
    pass_the_turn([run.pk])
    news = [("error", error_payload(*error))] if error else []
    return add_events(run, [*news, ("state", state_payload(state, attempt=run.attempts))])


def add_events(run: Run, news: Sequence[tuple[str, dict[str, Any]]]) -> list[JournalEvent]:
    """Number and store events of a run that no worker owns, under its row lock."""
    last = run.events.order_by("-seq").values_list("seq", flat=True).first() or 0
    events = [JournalEvent(run.pk, last + index, kind, payload) for index, (kind, payload) in enumerate(news, start=1)]
    insert_events(events)
    return events
