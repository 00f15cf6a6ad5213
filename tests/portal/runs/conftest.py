"""Runs as workers and portals see them: committed, on a real Redis."""

import asyncio
import uuid
from collections.abc import Sequence

import pytest
from django.db import connection

from portal.runs.choices import RunState
from portal.runs.events import JournalEvent, delta_payload, state_payload
from portal.runs.models import Run
from portal.runs.selectors import journals
from portal.runs.services.journal import FencedEvent, JournalPen
from portal.runs.services.lease import Claim, claim_runs
from portal.runs.services.start import Ending, Usage
from tests.people import Company


@pytest.fixture
def run(live_company: Company) -> Run:
    """Queued, by alice."""
    return live_company.asked().run


@pytest.fixture
def claim(run: Run) -> Claim:
    return claimed(run)


def claimed(run: Run, worker: str = "first") -> Claim:
    (claim,) = claim_runs([run.pk], worker)
    return claim


def let_lease_end(run: uuid.UUID) -> None:
    """As if the lease's seconds had passed."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_run SET lease_until = now() - interval '1 second' WHERE id = %s", [run])


def delta(claim: Claim, seq: int, text: str = "word ") -> FencedEvent:
    return FencedEvent(JournalEvent(claim.run, seq, "delta", delta_payload("answer", text)), claim.fence)


def final(claim: Claim, seq: int, state: str = "finished") -> JournalEvent:
    return JournalEvent(claim.run, seq, "state", state_payload(state, attempt=claim.attempt))


def ending(claim: Claim, seq: int, usage: Usage | None = None) -> Ending:
    return Ending(claim.run, claim.fence, RunState.FINISHED, [final(claim, seq)], usage or Usage())


def append_events(batch: Sequence[FencedEvent]) -> set[uuid.UUID]:
    """Outside an event loop, over a connection for this one batch."""

    async def append() -> set[uuid.UUID]:
        pen = JournalPen()
        try:
            return await pen.append(batch)
        finally:
            await pen.close()

    return asyncio.run(append())


def journal(run: uuid.UUID) -> list[JournalEvent]:
    """All events of a run, in order."""
    return journals({run: 0})
