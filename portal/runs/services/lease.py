"""Owning a run: claim with a fencing token, and heartbeat.

All times are the database's, so the clocks of workers do not matter.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from django.conf import settings
from django.db import IntegrityError, connection

from portal.configuration import live
from portal.runs.services.queue import ITS_TURN

# The new owner's first event is written with the claim. A late write of the old owner either stands before it or
# collides with its number, so the journal has one line of numbers whatever the timing. Rows are locked in the order of
# their ids, here and below, so that two workers with the same runs cannot lock each other out; a row that somebody
# holds is being claimed or stopped by him.
_CLAIM = f"""
WITH claimed AS (
    UPDATE runs_run SET state = 'running', fence = fence + 1, attempts = attempts + 1, worker = %(worker)s,
        lease_until = now() + make_interval(secs => %(lease)s), claimed_at = now()
    WHERE id IN (
        SELECT id FROM runs_run run WHERE id = ANY(%(runs)s) AND cancel_requested_at IS NULL AND {ITS_TURN}
            AND (state = 'queued' OR (state IN ('running', 'waiting') AND lease_until < now() AND attempts < %(most)s))
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id, fence, attempts, thinking, thinking_budget, context, answer_now_at IS NOT NULL AS answer_now,
        engine_id, workspace_id
), first AS (
    INSERT INTO runs_event (run_id, seq, type, payload)
    SELECT claimed.id, 1 + (SELECT coalesce(max(seq), 0) FROM runs_event WHERE run_id = claimed.id), 'state',
        jsonb_build_object('state', 'running', 'attempt', claimed.attempts)
        || CASE WHEN claimed.attempts > 1 THEN '{{"reset": true}}'::jsonb ELSE '{{}}'::jsonb END
    FROM claimed RETURNING run_id, seq
)
SELECT claimed.id, claimed.fence, claimed.attempts, claimed.thinking, first.seq, engine.address, engine.model,
    engine.profile, engine.supports_thinking, workspace.department_id, claimed.thinking_budget, claimed.context,
    claimed.answer_now, engine.context_tokens, coalesce(instructions.text, '')
FROM claimed JOIN first ON first.run_id = claimed.id JOIN engines_engine engine ON engine.id = claimed.engine_id
    JOIN departments_workspace workspace ON workspace.id = claimed.workspace_id
    LEFT JOIN prompts_instructions instructions ON instructions.workspace_id = claimed.workspace_id
"""  # noqa: S608  # a constant

_HEARTBEAT = """
UPDATE runs_run SET lease_until = now() + make_interval(secs => %s)
WHERE id IN (
    SELECT run.id FROM unnest(%s::uuid[], %s::int[]) AS held (run_id, fence)
    JOIN runs_run run ON run.id = held.run_id AND run.fence = held.fence AND run.state IN ('running', 'waiting')
        AND run.lease_until > now()
    ORDER BY run.id FOR UPDATE OF run)
RETURNING id, CASE WHEN cancel_requested_at IS NOT NULL THEN 1 WHEN answer_now_at IS NOT NULL THEN 2 ELSE 0 END
"""


CLAIM_ATTEMPTS = 3


class Wish(IntEnum):
    """What a person asked of a run meanwhile."""

    NOTHING = 0
    STOP = 1
    ANSWER_NOW = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this worker owns until its lease ends; ``seq`` is the number of its last event."""

    run: uuid.UUID
    fence: int
    attempt: int
    thinking: str
    seq: int
    engine_address: str
    engine_model: str
    engine_profile: str
    engine_thinks: bool
    department: uuid.UUID
    thinking_budget: int | None = None
    context: str = ""
    answer_now: bool = False
    # 0: not known.
    context_tokens: int = 0
    # Of the workspace, as they are now.
    instructions: str = ""


def claim_runs(run_ids: Sequence[uuid.UUID], worker: str) -> list[Claim]:
    """Become the owner of those runs that wait, or whose owner was lost; the others are left out."""
    arguments: dict[str, list[uuid.UUID] | str | float] = {
        "runs": list(run_ids),
        "worker": worker[:120],
        "lease": settings.RUN_LEASE_SECONDS,
        "most": live.whole_number("run_attempts"),
    }
    for _ in range(CLAIM_ATTEMPTS):
        try:
            with connection.cursor() as cursor:
                cursor.execute(_CLAIM, arguments)
                return [Claim(*row) for row in cursor.fetchall()]
        except IntegrityError:
            # An old owner's last write came in between; its number is taken now, so count again.
            continue
    return []


def heartbeat(held: Sequence[tuple[uuid.UUID, int]]) -> dict[uuid.UUID, Wish]:
    """Prolong the leases of (run, fence); returns those still held, each with what a person asked of it."""
    with connection.cursor() as cursor:
        cursor.execute(_HEARTBEAT, [settings.RUN_LEASE_SECONDS, [run for run, _ in held], [fence for _, fence in held]])
        return {run: Wish(wish) for run, wish in cursor.fetchall()}


def release_lease(run_id: uuid.UUID, fence: int) -> None:
    """Give a run back before one's lease is over, so that the next worker need not wait for it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_run SET lease_until = now() WHERE id = %s AND fence = %s", [run_id, fence])
