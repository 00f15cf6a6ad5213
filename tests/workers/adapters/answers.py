"""A worker's answers in this process: real rows, a real journal and the scripted engine."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from portal.chat.models import Conversation, Message
from portal.chat.selectors import Turn, prompts
from portal.chat.services.ask import Asked, Question, ask, regenerate
from portal.chat.thinking import Effort
from portal.core.threads import in_database_thread
from portal.engines.models import Engine
from portal.runs.models import Event, Run
from tests.people import Company
from workers.adapters.answer import AnswerStreams
from workers.adapters.engines import EngineClients
from workers.adapters.journal_writer import JournalWriter
from workers.adapters.lease_keeper import LeaseKeeper
from workers.engine.scripted import PartOptions, ScriptedEngine


@dataclass
class Answers:
    company: Company
    engine: ScriptedEngine
    keeper: LeaseKeeper
    streams: AnswerStreams

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was asked of the engine."""
        return list(self.engine.requests)

    async def conversation(self) -> Conversation:
        return await in_database_thread(self.company.conversation)

    async def ask(self, conversation: Conversation, text: str, **effort: Any) -> Asked:
        actor = await in_database_thread(self.company.actor, "alice")
        return await in_database_thread(ask, actor, conversation.pk, Question(text, **effort))

    async def again(self, asked: Asked, **effort: Any) -> Asked:
        actor = await in_database_thread(self.company.actor, "alice")
        return await in_database_thread(regenerate, actor, asked.conversation.pk, asked.answer.pk, Effort(**effort))

    async def answered(self, asked: Asked) -> Message:
        await asyncio.wait_for(self.streams.answer([asked.run.pk]), 30)
        return await in_database_thread(Message.objects.select_related("run").get, pk=asked.answer.pk)

    async def ask_whole(self, asked: Asked) -> Sequence[Turn]:
        """The turns of another answer to the same question, by an engine that reads more."""
        await in_database_thread(lambda: Engine.objects.update(context_tokens=1_000_000))
        again = await self.again(asked)
        return (await in_database_thread(prompts, [again.run.pk]))[again.run.pk]

    async def asked_and_answered(self, conversation: Conversation, text: str, **effort: Any) -> Message:
        return await self.answered(await self.ask(conversation, text, **effort))


async def events(run: uuid.UUID | None, kind: str) -> Sequence[dict[str, Any]]:
    assert run is not None

    def read() -> list[dict[str, Any]]:
        found = Event.objects.filter(run_id=run, type=kind).order_by("seq")
        return list(found.values_list("payload", flat=True))

    return await in_database_thread(read)


async def run_of(pk: uuid.UUID | None) -> Run:
    return await in_database_thread(Run.objects.get, pk=pk)


@asynccontextmanager
async def answering(company: Company, *, context_length: int = 0, told: bool = True) -> AsyncIterator[Answers]:
    """
    Args:
        context_length: of the engine; 0: its usual one.
        told: whether the portal knows it.
    """
    options = PartOptions(ttft_ms=1, tokens_per_s=2000, tokens=12)
    engine = ScriptedEngine(options, context_length=context_length or 262144)
    address = await engine.start()
    changes = {"address": address, "model": "default", "context_tokens": context_length if told else 0}
    await in_database_thread(lambda: Engine.objects.update(**changes, supports_budget=True))
    keeper, writer, clients = LeaseKeeper(), JournalWriter(), EngineClients()
    writing = asyncio.ensure_future(writer.write_forever(lambda: len(keeper.held)))
    try:
        yield Answers(company, engine, keeper, AnswerStreams("test", writer, keeper, clients))
    finally:
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing
        await writer._pen.close()
        for client in clients._clients.values():
            await client.close()
        await engine.stop()
