"""One answer as it is written: what is asked of the engine, in which order, and what comes of it."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portal.chat.selectors import Turn
from portal.chat.services.compaction import NewCompaction, store_compaction
from portal.core.text import storable
from portal.core.threads import in_database_thread
from portal.runs.choices import ContextChoice
from portal.runs.events import StepState, step_payload
from portal.runs.services.lease import Claim
from portal.runs.services.start import Usage as RunUsage
from workers.adapters.context import ContextTooLong, Sent, fitted, least_answer, refused
from workers.adapters.journal_writer import JournalWriter, RunOutput
from workers.adapters.lease_keeper import Held
from workers.adapters.long_context import Made, Shortener, payload_of
from workers.adapters.prompt import messages_of
from workers.adapters.requests import answer_limit, request_for, sees, thinks
from workers.engine.client import EngineClient
from workers.engine.errors import ContextOverflow
from workers.engine.protocol import Channel, ChatMessage, ChatRequest, Delta, Finished, Usage

# Of an engine that tells no context length, a choice of its asker is carried out as for one of this length.
ASSUMED_CONTEXT = 8192


@dataclass(slots=True)
class Collected:
    texts: dict[Channel, list[str]] = field(default_factory=lambda: {"answer": [], "reasoning": []})
    usage: RunUsage | None = None
    finish_reason: str = ""
    # Of steps on the way: summaries and notes.
    aside: RunUsage = field(default_factory=RunUsage)
    sent: Sent | None = None
    # The thoughts that were broken off and given back to the model.
    returned: int = 0

    def add(self, channel: Channel, text: str) -> None:
        self.texts[channel].append(text)

    def tokens(self) -> RunUsage:
        """As the engine counted; of a stream that ended before it did, its pieces, which are a token or more each."""
        reasoning = len(self.texts["reasoning"])
        last = self.usage or RunUsage(0, len(self.texts["answer"]) + reasoning, reasoning)
        return RunUsage(
            last.prompt + self.aside.prompt,
            last.completion + self.aside.completion,
            # Not every engine counts thoughts apart.
            last.reasoning or min(reasoning, last.completion),
        )

    def branch_tokens(self) -> int | None:
        """What the next prompt begins with, where the engine has counted this one."""
        if self.usage is None or not self.usage.prompt:
            return None
        thoughts = self.usage.reasoning or min(len(self.texts["reasoning"]), self.usage.completion)
        return max(0, self.usage.prompt - self.returned) + self.usage.completion - thoughts

    def sent_payload(self) -> dict[str, Any] | None:
        if self.sent is None:
            return None
        exact = {"tokens": self.usage.prompt, "exact": True} if self.usage and self.usage.prompt else {"exact": False}
        return self.sent.payload() | exact

    def text(self, channel: Channel) -> str:
        return "".join(self.texts[channel])


def begun_answer(turns: Sequence[Turn]) -> str:
    """What of the answer stands already, where one that broke off is continued."""
    return turns[-1].text if turns and turns[-1].role == "assistant" else ""


class Writing:
    """Streams one claimed run into its journal; ``held`` is set before it begins."""

    held: Held

    def __init__(
        self, claim: Claim, turns: Sequence[Turn], output: RunOutput, writer: JournalWriter, client: EngineClient
    ) -> None:
        self.collected = Collected()
        self._claim = claim
        self._turns = list(turns)
        self._output = output
        self._writer = writer
        self._client = client
        self._asides = 0

    async def run(self) -> None:
        """Raises EngineError; ContextTooLong where its asker has a choice."""
        extra: dict[str, Any] = {}
        if self._claim.context:
            extra = await self._shorten()
        if begun := begun_answer(self._turns):
            # The journal of this run holds the whole answer, so that whoever follows it needs no other.
            self.collected.add("answer", begun)
            self._writer.add(self._output, "answer", begun)
        limit = answer_limit(self._claim)
        try:
            sent = await fitted(
                self._client,
                self._claim.engine_model,
                self._turns,
                self._claim.context_tokens,
                limit,
                instructions=self._claim.instructions,
            )
        except ContextTooLong as error:
            self.collected.sent = error.sent
            raise
        self.collected.sent = replace(sent, **extra)
        try:
            await self._answer(sent.answer_limit)
        except ContextOverflow as error:
            too_long = refused(self.collected.sent, error.limit)
            self.collected.sent = too_long.sent
            raise too_long from error

    async def _answer(self, max_tokens: int | None) -> None:
        continues = bool(begun_answer(self._turns))
        if thinks(self._claim) and not continues:
            request = request_for(self._claim, self._messages(), thinking=True, max_tokens=max_tokens)
            self.held.is_thinking = True
            try:
                await self._read(request)
            except asyncio.CancelledError:
                if not self.held.take_answer_now():
                    raise
            else:
                return
            finally:
                self.held.is_thinking = False
            self._writer.add_step(self._output, step_payload("answer_now", "done"))
            max_tokens = self._after_thoughts(max_tokens)
        thoughts = self.collected.text("reasoning")
        # A budget cannot be changed while the engine thinks: it is asked again, with thinking off and the thoughts so
        # far behind the question, where they leave the prefix that it has cached as it is.
        messages = self._messages(thoughts)
        step = "-now" if thoughts else ""
        request = request_for(self._claim, messages, thinking=False, max_tokens=max_tokens, step=step)
        await self._read(replace(request, continues=continues))

    def _messages(self, thoughts: str = "") -> list[ChatMessage]:
        instructions = self._claim.instructions
        return messages_of(self._turns, instructions=instructions, thoughts=thoughts, sees=sees(self._claim))

    def _after_thoughts(self, max_tokens: int | None) -> int | None:
        pieces = len(self.collected.texts["reasoning"])
        self.collected.returned = pieces
        least = least_answer(self._claim.context_tokens) or 1
        return max(least, max_tokens - pieces) if max_tokens else None

    async def _read(self, request: ChatRequest) -> None:
        collected, before = self.collected, len(self.collected.texts["reasoning"])
        async with contextlib.aclosing(self._client.stream(request, pace=self._writer.turn)) as items:
            async for item in items:
                if isinstance(item, Delta):
                    if item.channel == "answer":
                        self.held.is_thinking = False
                    text = storable(item.text)
                    collected.add(item.channel, text)
                    self._writer.add(self._output, item.channel, text)
                elif isinstance(item, Usage):
                    completion, reasoning = item.completion_tokens + before, item.reasoning_tokens + before
                    collected.usage = RunUsage(item.prompt_tokens, completion, reasoning)
                elif isinstance(item, Finished):
                    collected.finish_reason = item.reason

    async def _shorten(self) -> dict[str, Any]:
        """Carry out the asker's choice; gives what is told of it. What is made is kept for the prompts to come."""
        shortener = Shortener(self._claim.context_tokens or ASSUMED_CONTEXT, self._aside, self._step)
        extra: dict[str, Any] = {}
        if self._claim.context == ContextChoice.PARTS:
            self._turns, made, parts = await shortener.read_in_parts(self._turns)
            extra["parts"] = await self._keep(made, parts)
        compacts = self._claim.context == ContextChoice.COMPACT or shortener.history_is_long(self._turns)
        if compacts and (compacted := await shortener.compact(self._turns)) is not None:
            self._turns, made = compacted
            extra["compacted"] = await self._keep(made)
        return extra

    async def _keep(self, made: Made, parts: int = 0) -> dict[str, Any]:
        text = storable(made.text)
        new = NewCompaction(made.message, made.kind, text, made.messages, made.before, made.after)
        pk = await in_database_thread(store_compaction, self._claim.run, self._claim.fence, new)
        return payload_of(made, parts) | ({"compactions": [str(pk)]} if pk else {})

    async def _aside(self, messages: Sequence[ChatMessage], most: int) -> str:
        self._asides += 1
        request = request_for(self._claim, messages, thinking=False, max_tokens=most, step=f"-{self._asides}")
        said: list[str] = []
        async with contextlib.aclosing(self._client.stream(request)) as items:
            async for item in items:
                if isinstance(item, Delta) and item.channel == "answer":
                    said.append(item.text)
                elif isinstance(item, Usage):
                    earlier = self.collected.aside
                    self.collected.aside = RunUsage(
                        earlier.prompt + item.prompt_tokens, earlier.completion + item.completion_tokens
                    )
        return storable("".join(said))

    def _step(self, name: str, part: int, of: int) -> None:
        state: StepState = "done" if part > of else "begun"
        self._writer.add_step(self._output, step_payload(name, state, part=min(part, of), of=of))
