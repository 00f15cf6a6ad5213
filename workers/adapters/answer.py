"""One answer: from a claimed run to the engine and back into the run's journal."""

import asyncio
import uuid
from collections.abc import Sequence

import structlog
from django.db import Error as DatabaseError
from psycopg_pool import PoolTimeout

from portal.chat.selectors import Turn, prompts
from portal.chat.services.answer import Settlement, settle_answers
from portal.core.threads import in_database_thread
from portal.runs.choices import RunState
from portal.runs.events import error_payload, state_payload, usage_payload
from portal.runs.services.lease import Claim, claim_runs, release_lease
from portal.runs.services.start import Ending
from workers.adapters.batches import Batches
from workers.adapters.engines import EngineClients
from workers.adapters.journal_writer import JournalWriter, RunOutput
from workers.adapters.lease_keeper import Held, LeaseKeeper
from workers.adapters.writing import Collected, Writing
from workers.engine.errors import EngineError

log = structlog.get_logger(__name__)

SETTLE_ATTEMPTS = 20
SETTLE_PAUSE_SECONDS = 0.25


Owned = tuple[Claim, Sequence[Turn]]


class AnswerStreams:
    """All answers of this process; its coroutines run on the stream loop."""

    def __init__(self, worker: str, writer: JournalWriter, keeper: LeaseKeeper, clients: EngineClients) -> None:
        self._writer = writer
        self._keeper = keeper
        self._clients = clients
        self._claims: Batches[uuid.UUID, Owned | None] = Batches(lambda runs: claim_with_prompts(runs, worker))
        self._settlements: Batches[Settlement, bool] = Batches(settle_answers)

    async def answer(self, runs: Sequence[uuid.UUID]) -> None:
        """Claim those of the runs that can be claimed, and stream each to its end.

        Every outcome stands in the journal, or the run is another worker's.
        """
        outcomes = await asyncio.gather(*map(self._claim_and_answer, runs), return_exceptions=True)
        for problem in outcomes:
            if isinstance(problem, BaseException):
                # The reaper rings again for what was not begun, and takes back what was not ended.
                log.error("answer.lost", error=type(problem).__name__, exc_info=problem)

    async def _claim_and_answer(self, run: uuid.UUID) -> None:
        owned = await self._claims.add(run)
        if owned is not None:
            await self._answer(*owned)

    async def _answer(self, claim: Claim, turns: Sequence[Turn]) -> None:
        if earlier := self._keeper.held.get(claim.run):
            # This process slept past its lease and now claims the run anew: its old attempt must be over first.
            earlier.end("lost")
            await earlier.over.wait()
        output = RunOutput(claim.run, claim.fence, claim.seq)
        client = self._clients.client(claim.engine_address, managed=bool(claim.engine_profile))
        writing = Writing(claim, turns, output, self._writer, client)
        task = asyncio.ensure_future(writing.run())
        held = writing.held = Held(claim.run, claim.fence, task)
        collected = writing.collected
        output.lost = lambda: held.end("lost")
        self._keeper.held[claim.run] = held
        try:
            error = await self._outcome(task)
            await output.settled.wait()
            if held.ended == "released":
                await in_database_thread(release_lease, claim.run, claim.fence)
            elif held.ended == "stopped":
                await self._settle(claim, output, collected, RunState.CANCELLED)
            elif held.ended is None:
                await self._settle(claim, output, collected, RunState.FAILED if error else RunState.FINISHED, error)
        finally:
            del self._keeper.held[claim.run]
            held.over.set()

    async def _outcome(self, task: asyncio.Task[None]) -> tuple[str, str] | None:
        """The error's code and message where the stream failed; None where it ended or was ended."""
        try:
            await task
        except asyncio.CancelledError:
            return None
        except EngineError as error:
            log.warning("answer.engine_failed", code=error.code)
            return error.code, error.message
        except Exception as error:  # a defect in one answer must not leave its run to hang
            log.error("answer.failed", error=type(error).__name__, exc_info=error)
            return "internal", "Something went wrong while answering. Try again."
        return None

    async def _settle(
        self,
        claim: Claim,
        output: RunOutput,
        collected: Collected,
        state: RunState,
        error: tuple[str, str] | None = None,
    ) -> None:
        usage, sent = collected.tokens(), collected.sent_payload()
        events = [output.next_event("usage", usage_payload(usage.prompt, usage.completion, usage.reasoning, sent))]
        if error:
            events.append(output.next_event("error", error_payload(*error)))
        reason = collected.finish_reason if state == RunState.FINISHED else ""
        events.append(output.next_event("state", state_payload(state, attempt=claim.attempt, finish_reason=reason)))
        ending = Ending(claim.run, claim.fence, state, events, usage, error[0] if error else "", reason, sent)
        texts = collected.text("answer"), collected.text("reasoning")
        settlement = Settlement(ending, *texts, collected.branch_tokens() if state == RunState.FINISHED else None)
        for _ in range(SETTLE_ATTEMPTS):
            try:
                closed = await self._settlements.add(settlement)
            except (DatabaseError, PoolTimeout) as problem:
                log.warning("answer.not_settled", error=type(problem).__name__)
                await asyncio.sleep(SETTLE_PAUSE_SECONDS)
                continue
            if closed:
                self._writer.publish(events)
            else:
                log.warning("answer.lease_lost", run=str(claim.run))
            return


def claim_with_prompts(runs: Sequence[uuid.UUID], worker: str) -> list[Owned | None]:
    claims = {claim.run: claim for claim in claim_runs(runs, worker)}
    turns = prompts(list(claims)) if claims else {}
    # A run that was rung for twice is answered once.
    return [(claim, turns[run]) if (claim := claims.pop(run, None)) else None for run in runs]
