"""Journal first, then the doorbell: gathers the deltas of all runs of this process, writes each tick as one statement
into PostgreSQL, and publishes what was written.

With few runs a delta is written at once; deltas that come while a write is under way go with the next one. Under load
the writer waits a little between writes, so that hundreds of runs share them, and streams are read by the same beat.
"""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import redis.asyncio as redis
import structlog
from django.conf import settings

from portal.runs.events import Channel, JournalEvent, delta_payload
from portal.runs.services.journal import FencedEvent, JournalPen
from portal.runs.wire import EVENTS_CHANNEL, encode

log = structlog.get_logger(__name__)

RETRY_SECONDS = 0.25
# While Redis is away each publication is dropped: followers read the journal instead.
PUBLISH_SECONDS = 1.0
MOST_UNPUBLISHED = 1000


class RunOutput:
    """What one run has produced and not yet written. ``seq`` is the number of its last written or batched event."""

    def __init__(self, run: uuid.UUID, fence: int, seq: int) -> None:
        self.run = run
        self.fence = fence
        self.seq = seq
        self.lost: Callable[[], None] = lambda: None
        # Pieces of text, and steps between them.
        self.parts: list[tuple[Channel, str] | dict[str, Any]] = []
        self.settled = asyncio.Event()
        self.settled.set()

    def take(self) -> list[FencedEvent]:
        merged: list[tuple[Channel, list[str]] | dict[str, Any]] = []
        for part in self.parts:
            if isinstance(part, dict):
                merged.append(part)
                continue
            last = merged[-1] if merged else None
            if isinstance(last, tuple) and last[0] == part[0]:
                last[1].append(part[1])
            else:
                merged.append((part[0], [part[1]]))
        self.parts = []
        return [FencedEvent(self._event(part), self.fence) for part in merged]

    def _event(self, part: tuple[Channel, list[str]] | dict[str, Any]) -> JournalEvent:
        if isinstance(part, dict):
            return self.next_event("step", part)
        channel, texts = part
        pieces = len(texts) if channel == "reasoning" else 0
        return self.next_event("delta", delta_payload(channel, "".join(texts), pieces))

    def next_event(self, kind: str, payload: dict[str, Any]) -> JournalEvent:
        self.seq += 1
        return JournalEvent(self.run, self.seq, kind, payload)


class JournalWriter:
    """``start`` and ``add`` belong to the stream loop's thread."""

    def __init__(self) -> None:
        self._dirty: dict[uuid.UUID, RunOutput] = {}
        self._news = asyncio.Event()
        self._pen = JournalPen()
        # Set while streams are read as their tokens arrive; else they wait for the turn before the next write.
        self._reading = asyncio.Event()
        self._reading.set()
        self._publications: asyncio.Queue[bytes] = asyncio.Queue(MOST_UNPUBLISHED)
        self._redis = redis.Redis.from_url(
            settings.APPLIANCE_REDIS_URL,
            socket_timeout=PUBLISH_SECONDS,
            socket_connect_timeout=PUBLISH_SECONDS,
            retry=None,
        )

    def add(self, output: RunOutput, channel: Channel, text: str) -> None:
        self._add(output, (channel, text))

    def add_step(self, output: RunOutput, payload: dict[str, Any]) -> None:
        self._add(output, payload)

    def _add(self, output: RunOutput, part: tuple[Channel, str] | dict[str, Any]) -> None:
        output.parts.append(part)
        output.settled.clear()
        self._dirty[output.run] = output
        self._news.set()

    async def turn(self) -> None:
        """Wait until the next write is near, where there is a wait between writes."""
        await self._reading.wait()

    async def write_forever(self, active: Callable[[], int]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._news.wait()
            self._news.clear()
            began = loop.time()
            outputs, self._dirty = list(self._dirty.values()), {}
            await self._write(outputs)
            await self._gather(active(), loop.time() - began)

    async def _gather(self, runs: int, spent: float) -> None:
        """Under load, wait for the rest of the beat, of which ``spent`` seconds are over."""
        if runs < settings.RUN_GATHER_FROM:
            return
        self._reading.clear()
        await asyncio.sleep(min(settings.RUN_GATHER_SECONDS * runs, settings.RUN_GATHER_MOST) - spent)
        self._reading.set()
        # The streams that wait have their turn in this round of the loop, and what they read goes along.
        await asyncio.sleep(0)

    async def _write(self, outputs: Sequence[RunOutput]) -> None:
        batch = [item for output in outputs for item in output.take()]
        lost = await self._append(batch)
        self.publish([item.event for item in batch if item.event.run not in lost])
        for output in outputs:
            if output.run in lost:
                output.lost()
            if not output.parts:
                output.settled.set()

    async def _append(self, batch: Sequence[FencedEvent]) -> set[uuid.UUID]:
        """Try until it is written; where the database stays away the leases end and the runs are refused."""
        while True:
            try:
                return await self._pen.append(batch)
            except (psycopg.Error, OSError) as error:
                log.warning("journal.not_written", error=type(error).__name__, events=len(batch))
                await asyncio.sleep(RETRY_SECONDS)

    def publish(self, events: Sequence[JournalEvent]) -> None:
        if events and not self._publications.full():
            self._publications.put_nowait(encode(events))

    async def publish_forever(self) -> None:
        while True:
            message = await self._publications.get()
            try:
                await self._redis.publish(EVENTS_CHANNEL, message)
            except (redis.RedisError, OSError) as error:
                log.warning("journal.not_published", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
