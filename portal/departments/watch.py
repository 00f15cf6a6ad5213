"""Hearing of changed rights: PostgreSQL notifies when a membership, grant, person, session, department or workspace
changes (triggers in ``migrations``), at the commit of the change, whoever made it."""

import asyncio
from collections.abc import Callable

import psycopg
import structlog

from portal.core.own_connection import own_connection

log = structlog.get_logger(__name__)

CHANNEL = "rights"
RECONNECT_SECONDS = 1.0


class RightsWatch:
    """Calls ``changed`` at each notice, and every few seconds where notices cannot be heard."""

    def __init__(self) -> None:
        self._listeners: set[Callable[[], None]] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, changed: Callable[[], None]) -> None:
        self._listeners.add(changed)
        if self._task is None:
            self._task = asyncio.create_task(self._listen())

    def remove(self, changed: Callable[[], None]) -> None:
        self._listeners.discard(changed)

    async def _listen(self) -> None:
        while True:
            try:
                async with await own_connection() as listening:
                    await listening.execute(f"LISTEN {CHANNEL}")
                    self._tell()
                    async for _ in listening.notifies():
                        self._tell()
            except (psycopg.Error, OSError) as error:
                log.warning("rights.not_listening", error=type(error).__name__)
            self._tell()
            await asyncio.sleep(RECONNECT_SECONDS)

    def _tell(self) -> None:
        for changed in tuple(self._listeners):
            changed()


watch = RightsWatch()
