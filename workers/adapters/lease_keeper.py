"""Keeps the leases of this process's runs alive, and hears who wants to stop one."""

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

import redis.asyncio as redis
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from psycopg_pool import PoolTimeout

from portal.core.threads import in_database_thread
from portal.runs.services.lease import Wish, heartbeat
from portal.runs.wire import ANSWER_NOW_CHANNEL, CANCEL_CHANNEL

log = structlog.get_logger(__name__)

RECONNECT_SECONDS = 0.3

EndReason = Literal["stopped", "lost", "released"]


@dataclass(slots=True, eq=False)
class Held:
    """One run that this process owns, and the task that streams it."""

    run: uuid.UUID
    fence: int
    task: asyncio.Task[Any]
    ended: EndReason | None = None
    # Set when nothing of this attempt is left to be written.
    over: asyncio.Event = field(default_factory=asyncio.Event)
    # The model thinks and has not begun to answer: its thinking can be broken off.
    is_thinking: bool = False
    answers_now: bool = False

    def end(self, reason: EndReason) -> None:
        """Idempotent; the first reason counts. Cancelling the task closes the upstream request."""
        if self.ended is None:
            self.ended = reason
            self.task.cancel()

    def answer_now(self) -> None:
        """Idempotent. Break the thinking off; whoever streams goes on to the answer (`take_answer_now`)."""
        if self.is_thinking and not self.answers_now and self.ended is None:
            self.answers_now = True
            self.task.cancel()

    def take_answer_now(self) -> bool:
        """Whether the task's cancellation only meant to break off its thinking; it is taken back then."""
        if not self.answers_now or not self.is_thinking or self.ended is not None:
            return False
        self.is_thinking = False
        self.task.uncancel()
        return True


class LeaseKeeper:
    def __init__(self) -> None:
        self.held: dict[uuid.UUID, Held] = {}

    async def beat_forever(self) -> None:
        while True:
            await asyncio.sleep(settings.RUN_HEARTBEAT_SECONDS)
            mine = list(self.held.values())
            if not mine:
                continue
            try:
                still = await in_database_thread(heartbeat, [(held.run, held.fence) for held in mine])
            except (DatabaseError, PoolTimeout) as error:
                log.warning("lease.no_heartbeat", error=type(error).__name__, runs=len(mine))
                continue
            for held in mine:
                if held.run not in still:
                    held.end("lost")
                elif still[held.run] is Wish.STOP:
                    held.end("stopped")
                elif still[held.run] is Wish.ANSWER_NOW:
                    held.answer_now()

    async def hear_stops_forever(self) -> None:
        """The quick way; the heartbeat finds stops whose ring was lost."""
        while True:
            try:
                client = redis.Redis.from_url(settings.APPLIANCE_REDIS_URL, socket_timeout=None)
                async with client, client.pubsub() as heard:
                    await heard.subscribe(CANCEL_CHANNEL, ANSWER_NOW_CHANNEL)
                    async for message in heard.listen():
                        if message["type"] == "message":
                            self._hear(message["channel"], message["data"])
            except (redis.RedisError, OSError) as error:
                log.warning("lease.stops_not_heard", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)

    def _hear(self, channel: bytes, name: bytes) -> None:
        try:
            run = uuid.UUID(hex=name.decode())
        except ValueError:
            log.warning("lease.bad_stop")
            return
        if held := self.held.get(run):
            if channel == ANSWER_NOW_CHANNEL.encode():
                held.answer_now()
            else:
                held.end("stopped")

    def release_all(self) -> None:
        for held in list(self.held.values()):
            held.end("released")
