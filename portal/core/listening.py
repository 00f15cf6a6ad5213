"""Hearing what PostgreSQL notifies of, at the commit of the change, whoever made it."""

import asyncio
from collections.abc import Callable

import psycopg
import structlog

from portal.core.own_connection import own_connection

log = structlog.get_logger(__name__)

RECONNECT_SECONDS = 1.0

Heard = Callable[[str], None]
"""Takes the payload; empty where something may have been missed."""


class ChannelWatch:
    """Hands each notice of a channel to the listeners, and an empty one every few seconds where none can be heard."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._listeners: set[Heard] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, heard: Heard) -> None:
        self._listeners.add(heard)
        if self._task is None:
            self._task = asyncio.create_task(self._listen())

    def remove(self, heard: Heard) -> None:
        self._listeners.discard(heard)

    async def _listen(self) -> None:
        while True:
            try:
                async with await own_connection() as listening:
                    await listening.execute(f"LISTEN {self._channel}")
                    self._tell("")
                    async for notice in listening.notifies():
                        self._tell(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("channel.not_listening", channel=self._channel, error=type(error).__name__)
            self._tell("")
            await asyncio.sleep(RECONNECT_SECONDS)

    def _tell(self, payload: str) -> None:
        for heard in tuple(self._listeners):
            heard(payload)
