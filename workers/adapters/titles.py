"""Titles for conversations: short questions to the engine, one after another, when no answers wait for it."""

import asyncio
import contextlib
import re
import uuid
from collections.abc import Callable, Sequence

import structlog
from django.db import Error as DatabaseError
from psycopg_pool import PoolTimeout

from portal.chat.services.titles import Untitled, set_title, untitled
from portal.core.text import storable
from portal.core.threads import in_database_thread
from workers.adapters.engines import EngineClients, profile_of
from workers.adapters.requests import cache_salt
from workers.engine.errors import EngineError
from workers.engine.profiles import EngineKind
from workers.engine.protocol import ChatMessage, ChatRequest, Delta, Sampling, Thinking

log = structlog.get_logger(__name__)

INSTRUCTION = (
    "Give this conversation a title of two to six words that says what it is about, in the language of the question. "
    "Write nothing but the title: no quotation marks, no Markdown, no full stop."
)
MOST_TOKENS = 32
LONGEST = 80
SECONDS = 30.0
# A title waits so long while answers are being written, and is looked for then even so.
PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 0.25
MOST_WAITING = 500
# vLLM's: lower is earlier, and answers have 0.
PRIORITY = 10

_MARKUP = re.compile(r"[*_`#>|\[\]<]+")
# What models like to begin with.
_LABEL = re.compile(r"^\s*(?:title|titel|título|titre)\s*:", re.IGNORECASE)
_ENDS = " \t.。:;,-–—\"'“”„«»‘’「」『』"


class Titles:
    def __init__(self, clients: EngineClients, answering: Callable[[], int]) -> None:
        self._clients = clients
        self._answering = answering
        self._waiting: asyncio.Queue[uuid.UUID] = asyncio.Queue(MOST_WAITING)

    def add(self, conversations: Sequence[uuid.UUID]) -> None:
        """Those for which there is no room keep their first words."""
        with contextlib.suppress(asyncio.QueueFull):
            for conversation in conversations:
                self._waiting.put_nowait(conversation)

    async def find_forever(self) -> None:
        while True:
            conversation = await self._waiting.get()
            await self._wait_for_answers()
            try:
                await self._find(conversation)
            except (EngineError, TimeoutError, DatabaseError, PoolTimeout) as error:
                # The first words of the question stay.
                log.info("title.not_found", error=type(error).__name__)
            except Exception as error:  # a defect in one title must not end the others
                log.error("title.failed", error=type(error).__name__, exc_info=error)

    async def _wait_for_answers(self) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while self._answering() and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(LOOK_SECONDS)

    async def _find(self, conversation: uuid.UUID) -> None:
        asked = await in_database_thread(untitled, conversation)
        if asked is None:
            return
        title = title_of(await self._ask(asked))
        if title:
            await in_database_thread(set_title, conversation, title)

    async def _ask(self, asked: Untitled) -> str:
        client = self._clients.client(asked.engine_address, managed=bool(asked.engine_profile))
        written: list[str] = []
        async with asyncio.timeout(SECONDS), contextlib.aclosing(client.stream(request_for(asked))) as items:
            async for item in items:
                if isinstance(item, Delta) and item.channel == "answer":
                    written.append(item.text)
        return storable("".join(written))


def request_for(asked: Untitled) -> ChatRequest:
    profile = profile_of(asked.engine_profile)
    # Engines that others run may not take a priority.
    priority = PRIORITY if profile and profile.kind is EngineKind.VLLM else 0
    talk = f"Question:\n{asked.question}\n\nAnswer:\n{asked.answer}\n\n{INSTRUCTION}"
    return ChatRequest(
        model=asked.engine_model,
        messages=[ChatMessage("system", "You find titles for conversations."), ChatMessage("user", talk)],
        thinking=Thinking(enabled=False),
        sampling=Sampling(temperature=0.2),
        max_tokens=MOST_TOKENS,
        cache_salt=cache_salt(asked.department),
        priority=priority,
        request_id=f"title-{asked.conversation.hex}",
    )


def title_of(written: str) -> str:
    """One line without markup, at most ``LONGEST`` characters; empty where there is none in it."""
    lines = (_LABEL.sub("", _MARKUP.sub("", line)).strip(_ENDS) for line in written.splitlines())
    title = " ".join(next((line for line in lines if line), "").split())
    title = "".join(character for character in title if character.isprintable())
    return title if len(title) <= LONGEST else title[: LONGEST - 1].rstrip() + "…"
