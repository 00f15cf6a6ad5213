"""One answer: from a claimed run to the engine and back into the run's journal."""

import asyncio
import contextlib
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from psycopg_pool import PoolTimeout

from portal.chat.selectors import Turn, prompts
from portal.chat.services.answer import Settlement, settle_answers
from portal.core.text import storable
from portal.core.threads import in_database_thread
from portal.runs.choices import RunState
from portal.runs.events import error_payload, state_payload, usage_payload
from portal.runs.services.lease import Claim, claim_runs, release_lease
from portal.runs.services.start import Ending
from portal.runs.services.start import Usage as RunUsage
from workers.adapters.batches import Batches
from workers.adapters.engines import EngineClients, profile_of
from workers.adapters.journal_writer import JournalWriter, RunOutput
from workers.adapters.lease_keeper import Held, LeaseKeeper
from workers.engine.errors import EngineError
from workers.engine.protocol import Channel, ChatMessage, ChatRequest, Delta, Finished, Sampling, Thinking, Usage

log = structlog.get_logger(__name__)

# First in every prompt and the same for all, so that the engine's prefix cache serves it.
SYSTEM_PROMPT = "You are a helpful assistant."
SETTLE_ATTEMPTS = 20
SETTLE_PAUSE_SECONDS = 0.25


Owned = tuple[Claim, Sequence[Turn]]


@dataclass(slots=True)
class Collected:
    texts: dict[Channel, list[str]] = field(default_factory=lambda: {"answer": [], "reasoning": []})
    usage: RunUsage | None = None
    finish_reason: str = ""

    def add(self, channel: Channel, text: str) -> None:
        self.texts[channel].append(text)

    def tokens(self) -> RunUsage:
        """As the engine counted; of a stream that ended before it did, its pieces, which are a token or more each."""
        reasoning = len(self.texts["reasoning"])
        return self.usage or RunUsage(0, len(self.texts["answer"]) + reasoning, reasoning)

    def text(self, channel: Channel) -> str:
        return "".join(self.texts[channel])


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
        collected = Collected()
        output = RunOutput(claim.run, claim.fence, claim.seq)
        task = asyncio.ensure_future(self._stream(claim, turns, output, collected))
        held = Held(claim.run, claim.fence, task)
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

    async def _stream(self, claim: Claim, turns: Sequence[Turn], output: RunOutput, collected: Collected) -> None:
        client = self._clients.client(claim.engine_address, managed=bool(claim.engine_profile))
        if begun := begun_answer(turns):
            # The journal of this run holds the whole answer, so that whoever follows it needs no other.
            collected.add("answer", begun)
            self._writer.add(output, "answer", begun)
        async with contextlib.aclosing(client.stream(request_for(claim, turns), pace=self._writer.turn)) as items:
            async for item in items:
                if isinstance(item, Delta):
                    text = storable(item.text)
                    collected.add(item.channel, text)
                    self._writer.add(output, item.channel, text)
                elif isinstance(item, Usage):
                    collected.usage = RunUsage(item.prompt_tokens, item.completion_tokens, item.reasoning_tokens)
                elif isinstance(item, Finished):
                    collected.finish_reason = item.reason

    async def _settle(
        self,
        claim: Claim,
        output: RunOutput,
        collected: Collected,
        state: RunState,
        error: tuple[str, str] | None = None,
    ) -> None:
        usage = collected.tokens()
        events = [output.next_event("usage", usage_payload(usage.prompt, usage.completion, usage.reasoning))]
        if error:
            events.append(output.next_event("error", error_payload(*error)))
        reason = collected.finish_reason if state == RunState.FINISHED else ""
        events.append(output.next_event("state", state_payload(state, attempt=claim.attempt, finish_reason=reason)))
        ending = Ending(claim.run, claim.fence, state, events, usage, error[0] if error else "", reason)
        settlement = Settlement(ending, collected.text("answer"), collected.text("reasoning"))
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


def begun_answer(turns: Sequence[Turn]) -> str:
    """What of the answer stands already, where one that broke off is continued."""
    return turns[-1].text if turns and turns[-1].role == "assistant" else ""


def request_for(claim: Claim, turns: Sequence[Turn]) -> ChatRequest:
    continues = bool(begun_answer(turns))
    thinking = claim.thinking == "on" and claim.engine_thinks and not continues
    profile = profile_of(claim.engine_profile)
    return ChatRequest(
        model=claim.engine_model,
        messages=[
            ChatMessage("system", SYSTEM_PROMPT),
            *(ChatMessage("assistant" if turn.role == "assistant" else "user", turn.text) for turn in turns),
        ],
        thinking=Thinking(enabled=thinking),
        sampling=profile.sampling(thinking=thinking) if profile else Sampling(),
        max_tokens=profile.max_output_tokens if profile else None,
        cache_salt=cache_salt(claim),
        request_id=f"{claim.run.hex}-{claim.fence}",
        continues=continues,
    )


def cache_salt(claim: Claim) -> str:
    """Departments must not share cached prefixes: the time to first token would tell what others asked."""
    name = f"cache-salt:{claim.department}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), name, hashlib.sha256).hexdigest()
