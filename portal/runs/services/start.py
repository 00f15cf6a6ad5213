"""Starting, stopping and closing runs."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction

from portal.audit.journal import Target, record
from portal.core.actor import Actor, system_actor
from portal.core.clock import now
from portal.core.prepared import PreparedRows
from portal.departments.models import Whom
from portal.runs import doorbell
from portal.runs.choices import RunKind, RunState
from portal.runs.events import JournalEvent
from portal.runs.models import Run, RunQuerySet
from portal.runs.services.journal import insert_events
from portal.runs.services.queue import pass_the_turn
from portal.runs.services.recovery import end_unowned

_CLOSE = """
UPDATE runs_run run SET state = ending.state, finished_at = now(), lease_until = NULL, error_code = ending.error_code,
    finish_reason = ending.finish_reason,
    prompt_tokens = ending.prompt, completion_tokens = ending.completion, reasoning_tokens = ending.reasoning,
    sent = ending.sent
FROM (
    SELECT owned.id, given.state, given.error_code, given.finish_reason, given.prompt, given.completion,
        given.reasoning, given.sent
    FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::int[], %s::int[], %s::int[], %s::jsonb[])
        AS given (run_id, fence, state, error_code, finish_reason, prompt, completion, reasoning, sent)
    JOIN runs_run owned ON owned.id = given.run_id AND owned.fence = given.fence
        AND owned.state IN ('running', 'waiting') AND owned.lease_until > now()
    ORDER BY owned.id FOR UPDATE OF owned
) ending
WHERE run.id = ending.id
RETURNING run.id, run.owner_id
"""


def _withdrawn() -> RunQuerySet:
    unfinished = Run.objects.unfinished().filter(cancel_requested_at=None)
    allowed = unfinished.filter(owner__is_active=True).allowed_to(Whom(column="owner_id"), "message.ask")
    return unfinished.exclude(pk__in=allowed.values("pk"))


# Asked every two seconds, beside the answers that this process streams.
_withdrawn_runs = PreparedRows(_withdrawn)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the engine counted them; ``completion`` includes ``reasoning``."""

    prompt: int = 0
    completion: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Ending:
    """How the owner of a run closes it; ``events`` are its last, numbered."""

    run: uuid.UUID
    fence: int
    state: RunState
    events: Sequence[JournalEvent]
    usage: Usage = Usage()
    error_code: str = ""
    finish_reason: str = ""
    # What the model was given; counts and ids.
    sent: Mapping[str, Any] | None = None


def start_run(
    actor: Actor,
    *,
    workspace_id: uuid.UUID,
    engine_id: uuid.UUID,
    thinking: str,
    budget: int | None = None,
    context: str = "",
    waits_for: uuid.UUID | None = None,
) -> Run:
    """Queue a run in the caller's transaction; the workers hear of it at commit, or when the one before it has ended.

    Args:
        waits_for: an unfinished run, locked by the caller, so that it cannot end unseen.
    """
    run = Run(
        kind=RunKind.CHAT,
        owner_id=actor.person_id,
        workspace_id=workspace_id,
        engine_id=engine_id,
        thinking=thinking,
        thinking_budget=budget,
        context=context,
        waits_for_id=waits_for,
    )
    run.save(force_insert=True)
    if waits_for is None:
        doorbell.ring_on_commit(run.pk)
    return run


@transaction.atomic
def stop_run(actor: Actor, run: Run) -> None:
    """Ask the run's worker to stop; a run that no worker has begun ends here. Stopping twice changes nothing."""
    _stop(actor, run, "run.cancel")


def stop_withdrawn_runs() -> None:
    """Stop the runs of people who no longer have the right to ask for them."""
    for run in _withdrawn_runs.all():
        with transaction.atomic():
            _stop(system_actor("reaper"), run, "run.withdraw")


def _stop(actor: Actor, run: Run, action: str) -> None:
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.is_final or locked.cancel_requested_at:
        return
    locked.cancel_requested_at = now()
    locked.save(update_fields=["cancel_requested_at"])
    record(actor, action, Target("run", run.pk))
    if locked.state == RunState.QUEUED:
        doorbell.publish_on_commit(end_unowned(locked, RunState.CANCELLED))
    else:
        doorbell.ring_cancel_on_commit(run.pk)


def close_runs(endings: Sequence[Ending]) -> dict[uuid.UUID, uuid.UUID]:
    """The owners' last writes, in the caller's transaction: final state, its events and the tokens used.

    Returns the runs that were closed, with their owners. Of the others nothing was written: another worker owns them,
    they are final, or their lease is over.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CLOSE,
            [
                [ending.run for ending in endings],
                [ending.fence for ending in endings],
                [ending.state for ending in endings],
                [ending.error_code for ending in endings],
                [ending.finish_reason[:16] for ending in endings],
                [ending.usage.prompt for ending in endings],
                [ending.usage.completion for ending in endings],
                [ending.usage.reasoning for ending in endings],
                [None if ending.sent is None else orjson.dumps(ending.sent).decode() for ending in endings],
            ],
        )
        closed = dict(cursor.fetchall())
    insert_events([event for ending in endings if ending.run in closed for event in ending.events])
    pass_the_turn(list(closed))
    return closed
