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
from portal.runs.services.lease import heartbeat
from portal.runs.wire import CANCEL_CHANNEL

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

    def end(self, reason: EndReason) -> None:
        """Idempotent; the first reason counts. Cancelling the task closes the upstream request."""
        if self.ended is None:
            self.ended = reason
            self.task.cancel()


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
                elif still[held.run]:
                    held.end("stopped")

    async def hear_stops_forever(self) -> None:
        """The quick way; the heartbeat finds stops whose ring was lost."""
        while True:
            try:
                client = redis.Redis.from_url(settings.APPLIANCE_REDIS_URL, socket_timeout=None)
                async with client, client.pubsub() as heard:
                    await heard.subscribe(CANCEL_CHANNEL)
                    async for message in heard.listen():
                        if message["type"] == "message":
                            self._stop(message["data"])
            except (redis.RedisError, OSError) as error:
                log.warning("lease.stops_not_heard", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)

    def _stop(self, name: bytes) -> None:
        try:
            run = uuid.UUID(hex=name.decode())
        except ValueError:
            log.warning("lease.bad_stop")
            return
        if held := self.held.get(run):
            held.end("stopped")

    def release_all(self) -> None:
        for held in list(self.held.values()):
            held.end("released")
