"""Starting, stopping and closing runs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.jobs import send_on_commit
from portal.runs import doorbell
from portal.runs.choices import RunKind, RunState
from portal.runs.events import JournalEvent
from portal.runs.models import Event, Run
from portal.runs.services.recovery import EXECUTE_JOB, end_unowned


class LeaseLost(RuntimeError):
    """The writer no longer owns the run; nothing was written."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the engine counted them; ``completion`` includes ``reasoning``."""

    prompt: int = 0
    completion: int = 0
    reasoning: int = 0


def start_run(actor: Actor, *, workspace_id: uuid.UUID, engine_id: uuid.UUID, thinking: str) -> Run:
    """Queue a run in the caller's transaction; the workers hear of it at commit."""
    run = Run(
        kind=RunKind.CHAT, owner_id=actor.person_id, workspace_id=workspace_id, engine_id=engine_id, thinking=thinking
    )
    run.save(force_insert=True)
    send_on_commit(EXECUTE_JOB, {"run_id": str(run.pk)}, "interactive")
    return run


@transaction.atomic
def stop_run(actor: Actor, run: Run) -> None:
    """Ask the run's worker to stop; a run that no worker has begun ends here. Stopping twice changes nothing."""
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.is_final or locked.cancel_requested_at:
        return
    locked.cancel_requested_at = now()
    locked.save(update_fields=["cancel_requested_at"])
    record(actor, "run.cancel", Target("run", run.pk))
    if locked.state == RunState.QUEUED:
        doorbell.publish_on_commit(end_unowned(locked, RunState.CANCELLED))
    else:
        doorbell.ring_cancel_on_commit(run.pk)


def close_run(
    run_id: uuid.UUID, fence: int, state: RunState, events: Sequence[JournalEvent], usage: Usage, error_code: str = ""
) -> None:
    """The owner's last write, in the caller's transaction: final state, its events and the tokens used.

    Raises:
        LeaseLost: another worker owns the run, it is final, or the lease is over.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE runs_run SET state = %s, finished_at = now(), lease_until = NULL, error_code = %s,
                prompt_tokens = %s, completion_tokens = %s, reasoning_tokens = %s
            WHERE id = %s AND fence = %s AND state IN ('running', 'waiting') AND lease_until > now()""",
            [state, error_code, usage.prompt, usage.completion, usage.reasoning, run_id, fence],
        )
        if cursor.rowcount != 1:
            raise LeaseLost
    Event.objects.bulk_create(
        Event(run_id=run_id, seq=event.seq, type=event.type, payload=event.payload) for event in events
    )
