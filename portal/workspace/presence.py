"""Who has a conversation open, over all portal processes: in Redis, with an expiry.

Each socket says again and again that it is there; what dies without a word is gone when its time is up. Without Redis
nobody is shown, and nothing else changes.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from typing import Any

import redis.asyncio as redis
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

CHANNEL = "together"
# A socket says so often that it is there, and counts for so long after it has said so.
BEAT_SECONDS = 8.0
SEEN_SECONDS = 24
RECONNECT_SECONDS = 1.0

# By Redis's clock, so that those of the portals do not matter.
_SEEN = """
local now = tonumber(redis.call('TIME')[1])
if tonumber(ARGV[2]) > 0 then
    redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[2])
else
    redis.call('ZREM', KEYS[1], ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return redis.call('ZRANGE', KEYS[1], 0, -1)
"""

Heard = Callable[[str], None]


class Presence:
    """Of this process."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._client: Any = redis.Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1, retry=None)
        self._listeners: set[Heard] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, heard: Heard) -> None:
        self._listeners.add(heard)
        if self._task is None:
            self._task = asyncio.create_task(self._listen())

    def remove(self, heard: Heard) -> None:
        self._listeners.discard(heard)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        with contextlib.suppress(redis.RedisError, OSError):
            await self._client.aclose()

    async def seen(self, conversation: uuid.UUID, person: uuid.UUID, socket: str) -> set[uuid.UUID]:
        """Say that this socket has it open; returns all people who have."""
        return await self._count(conversation, person, socket, SEEN_SECONDS)

    async def left(self, conversation: uuid.UUID, person: uuid.UUID, socket: str) -> None:
        await self._count(conversation, person, socket, 0)

    async def tell(self, what: str) -> None:
        """To the sockets of all processes: ``here CONVERSATION`` or ``typing CONVERSATION PERSON``."""
        try:
            await self._client.publish(CHANNEL, what)
        except (redis.RedisError, OSError) as error:
            log.warning("presence.not_told", error=type(error).__name__)

    async def _count(self, conversation: uuid.UUID, person: uuid.UUID, socket: str, seconds: int) -> set[uuid.UUID]:
        try:
            found = await self._client.execute_command(
                "EVAL", _SEEN, 1, f"here:{conversation}", f"{person} {socket}", seconds
            )
        except (redis.RedisError, OSError) as error:
            log.warning("presence.not_known", error=type(error).__name__)
            return set()
        return {uuid.UUID(member.decode().partition(" ")[0]) for member in found}

    async def _listen(self) -> None:
        while True:
            try:
                async with (
                    redis.Redis.from_url(self._redis_url, socket_timeout=None) as client,
                    client.pubsub() as heard,
                ):
                    await heard.subscribe(CHANNEL)
                    async for message in heard.listen():
                        if message["type"] == "message":
                            self._hand_on(message["data"].decode())
            except (redis.RedisError, OSError) as error:
                log.warning("presence.not_listening", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)

    def _hand_on(self, payload: str) -> None:
        for heard in tuple(self._listeners):
            heard(payload)


_presence: Presence | None = None


def presence() -> Presence:
    """That of this process."""
    global _presence
    if _presence is None:
        _presence = Presence(settings.APPLIANCE_REDIS_URL)
    return _presence


async def forget_presence() -> None:
    global _presence
    if _presence is not None:
        await _presence.stop()
        _presence = None
