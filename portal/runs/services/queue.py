"""Runs that wait for the one before: where several people ask in one conversation, one answer is written at a time.

Whoever ends a run passes the turn on in the same transaction, and rings at its commit. A ring that is lost, or a turn
that two endings at the same moment did not see, is made good by the reaper: what counts is the condition of the claim.
"""

import uuid
from collections.abc import Sequence

from django.db import connection

from portal.runs.doorbell import ring_on_commit

# Of a row ``run``.
ITS_TURN = """(run.waits_for_id IS NULL OR NOT EXISTS (SELECT FROM runs_run before WHERE before.id = run.waits_for_id
    AND before.state NOT IN ('finished', 'failed', 'cancelled')))"""

# One that was withdrawn before its turn leaves its place to those behind it.
_NEXT = """
UPDATE runs_run next SET waits_for_id = (
    SELECT before.id FROM runs_run before
    WHERE before.id = ended.waits_for_id AND before.state NOT IN ('finished', 'failed', 'cancelled'))
FROM runs_run ended
WHERE ended.id = ANY(%s) AND next.waits_for_id = ended.id AND next.state = 'queued'
RETURNING next.id, next.waits_for_id
"""


def pass_the_turn(ended: Sequence[uuid.UUID]) -> None:
    """In the transaction that ends the runs, once they are final."""
    if not ended:
        return
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [list(ended)])
        free = [run for run, before in cursor.fetchall() if before is None]
    for run in free:
        ring_on_commit(run)
