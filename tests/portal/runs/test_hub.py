"""Following a run: everything once and in order, whatever Redis does."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence

import orjson
import pytest
import redis.asyncio as redis

from portal.core.threads import in_database_thread
from portal.runs.events import JournalEvent
from portal.runs.models import Run
from portal.runs.services.lease import Claim
from portal.runs.services.start import close_runs
from portal.runs.stream import Hub
from portal.runs.wire import EVENTS_CHANNEL, encode
from tests.portal.runs.conftest import append_events, claimed, delta, ending, final

NOWHERE = "redis://127.0.0.1:9/0"
PATIENCE = 20.0


class Writer:
    """A worker: writes the journal, and publishes what it is told to."""

    def __init__(self, claim: Claim, client: redis.Redis) -> None:
        self.claim = claim
        self.client = client
        self.seq = claim.seq

    async def write(self, count: int = 1, *, publish: bool = True) -> list[JournalEvent]:
        batch = [delta(self.claim, self.seq + index, f"w{self.seq + index} ") for index in range(1, count + 1)]
        assert await in_database_thread(append_events, batch) == set()
        self.seq += count
        events = [item.event for item in batch]
        if publish:
            await self.publish(events)
        return events

    async def finish(self, *, publish: bool = True) -> None:
        last = final(self.claim, self.seq + 1)
        closed = await in_database_thread(close_runs, [ending(self.claim, self.seq + 1)])
        assert set(closed) == {self.claim.run}
        if publish:
            await self.publish([last])

    async def publish(self, events: Sequence[JournalEvent]) -> None:
        await self.client.publish(EVENTS_CHANNEL, encode(events))


class Reader:
    """A follower that reads until the run's end."""

    def __init__(self, hub: Hub, claim: Claim, after: int = 0) -> None:
        self.seen: list[int] = []
        self.frames: list[dict[str, object]] = []
        self.task = asyncio.create_task(self._read(hub, claim, after))

    async def _read(self, hub: Hub, claim: Claim, after: int) -> None:
        async for group in hub.follow(claim.run, after):
            self.seen += [item.seq for item in group]
            self.frames += [orjson.loads(item.frame) for item in group]

    async def until(self, seq: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while seq not in self.seen:
                await asyncio.sleep(0.01)

    async def ended(self) -> list[int]:
        async with asyncio.timeout(PATIENCE):
            await self.task
        return self.seen


@pytest.fixture
async def client() -> AsyncIterator[redis.Redis]:
    async with redis.Redis.from_url(os.environ["APPLIANCE_REDIS_URL"]) as client:
        yield client


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub(os.environ["APPLIANCE_REDIS_URL"])
    yield hub
    await hub.stop()


@pytest.fixture
async def blind_hub() -> AsyncIterator[Hub]:
    hub = Hub(NOWHERE)
    yield hub
    await hub.stop()


@pytest.fixture
def writer(run: Run, client: redis.Redis) -> Writer:
    return Writer(claimed(run), client)


async def test_a_follower_gets_what_was_and_what_comes(writer: Writer, hub: Hub) -> None:
    await writer.write(5)
    reader = Reader(hub, writer.claim)
    await reader.until(6)
    for _ in range(5):
        await writer.write()
    await writer.finish()
    assert await reader.ended() == list(range(1, 13))
    assert reader.frames[-1] == {
        "run": str(writer.claim.run),
        "seq": 12,
        "type": "state",
        "state": "finished",
        "attempt": 1,
    }


async def test_a_follower_begins_after_its_number(writer: Writer, hub: Hub) -> None:
    await writer.write(5)
    await writer.finish()
    assert await Reader(hub, writer.claim, after=4).ended() == [5, 6, 7]


@pytest.mark.parametrize("beyond", [0, 1, 1000])
async def test_following_an_ended_run_from_its_end_ends(writer: Writer, hub: Hub, beyond: int) -> None:
    await writer.write(2)
    await writer.finish()
    assert await Reader(hub, writer.claim, after=4 + beyond).ended() == []


async def test_a_lost_publication_is_healed_from_the_journal(writer: Writer, hub: Hub) -> None:
    reader = Reader(hub, writer.claim)
    await writer.write()
    await reader.until(2)
    await writer.write(3, publish=False)
    await writer.write()
    await reader.until(6)
    await writer.finish(publish=False)
    assert await reader.ended() == list(range(1, 8))


async def test_publications_that_come_twice_or_late_are_passed_over(writer: Writer, hub: Hub) -> None:
    reader = Reader(hub, writer.claim)
    first = await writer.write(2)
    await writer.publish(first)
    await reader.until(3)
    second = await writer.write(2, publish=False)
    await writer.publish(second[1:])
    await writer.publish(second)
    await writer.publish(first)
    await writer.finish()
    assert await reader.ended() == list(range(1, 7))


async def test_garbage_on_the_channel_harms_nobody(writer: Writer, hub: Hub) -> None:
    reader = Reader(hub, writer.claim)
    await writer.write()
    await reader.until(2)
    for garbage in (b"", b"garbage", b"\xff\xfe", b"0 0 0 0"):
        await writer.client.publish(EVENTS_CHANNEL, garbage)
    await writer.write(2)
    await writer.finish()
    assert await reader.ended() == list(range(1, 6))


async def test_without_redis_the_journal_is_asked(writer: Writer, blind_hub: Hub) -> None:
    reader = Reader(blind_hub, writer.claim)
    for _ in range(4):
        await writer.write()
        await asyncio.sleep(0.05)
    await writer.finish()
    assert await reader.ended() == list(range(1, 7))


async def test_a_lost_subscription_is_made_again(writer: Writer, hub: Hub) -> None:
    reader = Reader(hub, writer.claim)
    await writer.write()
    await reader.until(2)
    await writer.client.client_kill_filter(_type="pubsub")
    await writer.write(2)
    await writer.finish()
    assert await reader.ended() == list(range(1, 6))


async def test_a_slow_follower_loses_nothing(writer: Writer, hub: Hub) -> None:
    """More than the backlog comes while the follower is busy."""
    seen: list[int] = []
    follow = hub.follow(writer.claim.run)
    seen += [item.seq for item in await anext(follow)]
    for _ in range(7):
        await writer.write(200)
    await writer.finish()
    async with asyncio.timeout(PATIENCE):
        async for group in follow:
            seen += [item.seq for item in group]
    assert seen == list(range(1, 1403))


async def test_followers_do_not_disturb_each_other(writer: Writer, hub: Hub) -> None:
    readers = [Reader(hub, writer.claim, after=after) for after in (0, 0, 3)]
    await writer.write(6)
    await writer.finish()
    assert [await reader.ended() for reader in readers] == [list(range(1, 9)), list(range(1, 9)), list(range(4, 9))]
