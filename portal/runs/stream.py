"""Following runs: replay the journal from a number, then whatever comes, without a gap and nothing twice.

One hub a portal process. It listens to the workers' publications; each follower keeps its own number, so a
publication that is missing, late or double cannot change what the follower sees: what does not join on to its number
is read from the journal. A silent or absent Redis only makes the journal be asked more often.
"""

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Callable

import redis.asyncio as redis
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from psycopg_pool import PoolTimeout

from portal.core.metrics import EVENTS_SENT, FOLLOWERS, STREAM_GAPS
from portal.core.threads import in_database_thread
from portal.runs.events import JournalEvent
from portal.runs.selectors import journals, last_event
from portal.runs.wire import EVENTS_CHANNEL, BadPublication, Published, decode

log = structlog.get_logger(__name__)

# How long a follower may hear nothing before the journal is asked, with Redis and without.
SILENCE_SECONDS = 2.0
BLIND_SECONDS = 0.15
RECONNECT_SECONDS = 0.3
# A follower that reads slower than its run writes keeps this many events in memory, then reads from the journal.
BACKLOG = 512
REPLAY_CHUNK = 1000


Check = Callable[[], object]


class Follower:
    def __init__(self, run: uuid.UUID, after: int, check: Check | None) -> None:
        self.run = run
        self.check = check
        self.cursor = after
        self.pending: deque[Published] = deque()
        self.behind = True
        self.news = asyncio.Event()
        self.heard_at = 0.0

    def offer(self, item: Published) -> None:
        if len(self.pending) >= BACKLOG:
            self.pending.clear()
            self.behind = True
        self.pending.append(item)
        self.news.set()


class Hub:
    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._followers: dict[uuid.UUID, set[Follower]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._listening = False

    def start(self) -> None:
        """Idempotent; needs the running loop."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch_silence())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def follow(
        self, run: uuid.UUID, after: int = 0, check: Check | None = None
    ) -> AsyncGenerator[list[Published], None]:
        """Yield the run's events above ``after`` in order, in groups, and end after its last event.

        Args:
            check: called once in a database thread before the journal is read; what it raises ends the following.
        """
        self.start()
        follower = Follower(run, after, check)
        self._followers.setdefault(run, set()).add(follower)
        FOLLOWERS.inc()
        try:
            while True:
                ready = await self._ready(follower)
                if ready:
                    EVENTS_SENT.inc(len(ready))
                    yield ready
                    if ready[-1].final:
                        return
                elif await self._ended(follower):
                    return
        finally:
            FOLLOWERS.dec()
            group = self._followers[run]
            group.discard(follower)
            if not group:
                del self._followers[run]

    async def _ready(self, follower: Follower) -> list[Published]:
        if follower.behind:
            return await self._replay(follower)
        if not follower.pending:
            follower.news.clear()
            await follower.news.wait()
        return self._take(follower)

    def _take(self, follower: Follower) -> list[Published]:
        ready: list[Published] = []
        pending = follower.pending
        while pending and not follower.behind:
            item = pending.popleft()
            if item.seq == follower.cursor + 1:
                ready.append(item)
                follower.cursor = item.seq
            elif item.seq > follower.cursor + 1:
                STREAM_GAPS.inc()
                follower.behind = True
        return ready

    async def _replay(self, follower: Follower) -> list[Published]:
        # Cleared first: what arrives during the read is compared with the cursor afterwards.
        follower.behind = False
        try:
            events = await in_database_thread(_read, follower)
        except (DatabaseError, PoolTimeout) as error:
            log.warning("stream.journal_unavailable", error=type(error).__name__)
            follower.behind = True
            await asyncio.sleep(1)
            return []
        if len(events) == REPLAY_CHUNK:
            follower.behind = True
        ready = [Published(event.run, event.seq, event.is_final, event.frame().decode()) for event in events]
        if ready:
            follower.cursor = ready[-1].seq
        return ready

    async def _ended(self, follower: Follower) -> bool:
        """Nothing is above the cursor; has the run ended at or below it?"""
        if follower.behind or follower.pending or follower.cursor == 0:
            return False
        last = await in_database_thread(last_event, follower.run)
        # The cursor may lie beyond the end where the client made up its number.
        return last is not None and last.is_final and last.seq <= follower.cursor

    def _dispatch(self, items: list[Published]) -> None:
        now = asyncio.get_running_loop().time()
        for item in items:
            for follower in self._followers.get(item.run, ()):
                follower.heard_at = now
                follower.offer(item)

    async def _listen(self) -> None:
        while True:
            try:
                async with (
                    redis.Redis.from_url(self._redis_url, socket_timeout=None) as client,
                    client.pubsub() as heard,
                ):
                    await heard.subscribe(EVENTS_CHANNEL)
                    self._listening = True
                    self._catch_up()
                    async for message in heard.listen():
                        if message["type"] == "message":
                            self._dispatch(decode(message["data"]))
            except (redis.RedisError, OSError, BadPublication) as error:
                log.warning("stream.not_listening", error=type(error).__name__)
            self._listening = False
            await asyncio.sleep(RECONNECT_SECONDS)

    def _catch_up(self) -> None:
        for group in self._followers.values():
            for follower in group:
                follower.behind = True
                follower.news.set()

    async def _watch_silence(self) -> None:
        """Ask the journal for all runs that were silent for too long, in one query."""
        while True:
            wait = SILENCE_SECONDS if self._listening else BLIND_SECONDS
            await asyncio.sleep(wait)
            oldest = asyncio.get_running_loop().time() - wait
            places = {
                run: min(follower.cursor for follower in group)
                for run, group in self._followers.items()
                if all(follower.heard_at <= oldest for follower in group)
            }
            if not places:
                continue
            try:
                events = await in_database_thread(journals, places)
            except (DatabaseError, PoolTimeout) as error:
                log.warning("stream.journal_unavailable", error=type(error).__name__)
                continue
            self._dispatch([Published(item.run, item.seq, item.is_final, item.frame().decode()) for item in events])


def _read(follower: Follower) -> list[JournalEvent]:
    if follower.check is not None:
        follower.check()
        follower.check = None
    return journals({follower.run: follower.cursor}, limit=REPLAY_CHUNK)


_hub: Hub | None = None


def hub() -> Hub:
    """The hub of this process."""
    global _hub
    if _hub is None:
        _hub = Hub(settings.APPLIANCE_REDIS_URL)
    return _hub
