"""Parts of the running appliance are killed in mid-answer; what the reader sees in the end is what the engine wrote."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import psycopg
import pytest
import redis

from tests.faults.tab import Seen, Tab, running
from tests.stack import Stack
from workers.engine.scripted import TOKEN

pytestmark = pytest.mark.stack

TOKENS = 150
QUESTION = f"[[part:answer tokens={TOKENS} tokens_per_s=25]] Tell it slowly."


@pytest.fixture
async def tab(stack: Stack) -> AsyncIterator[Tab]:
    async with Tab(stack.url, stack.password) as tab:
        yield tab


def stored_text(stack: Stack, run: str) -> str:
    with psycopg.connect(stack.database_url) as connection:
        row = connection.execute("SELECT text FROM chat_message WHERE run_id = %s", [run]).fetchone()
    assert row is not None
    return str(row[0])


def assert_whole(seen: Seen, stack: Stack) -> None:
    numbers = [int(match[2]) for match in TOKEN.finditer(seen.text)]
    assert seen.state == "finished"
    assert len(numbers) == TOKENS
    assert numbers == list(range(numbers[0], numbers[0] + TOKENS))
    assert seen.gaps == 0
    assert seen.doubled == 0
    assert seen.text == stored_text(stack, seen.run)


async def begun(tab: Tab, question: str = QUESTION) -> Seen:
    asked = await tab.ask(question)
    return await tab.follow(Seen(asked["run"]["id"]), until="t20@")


async def test_every_reader_sees_the_same_text(stack: Stack, tab: Tab) -> None:
    seen = await begun(tab)
    late, cut = Seen(seen.run), Seen(seen.run)
    for token in ("t10@", "t30@", "t60@", "t90@"):
        await tab.follow(cut, until=token)
    for reader in await asyncio.gather(tab.follow(seen), tab.follow(late), tab.follow(cut)):
        assert_whole(reader, stack)


async def test_killed_worker(stack: Stack, tab: Tab) -> None:
    """The run is finished by the next worker, which begins the answer anew and says so."""
    seen = await begun(tab)
    stack.kill("worker")
    stack.start("worker")
    await tab.follow(seen)
    assert seen.resets >= 1
    assert_whole(seen, stack)


async def test_killed_and_emptied_redis(stack: Stack, tab: Tab) -> None:
    seen = await begun(tab)
    with redis.Redis.from_url(stack.broker.url) as client:
        client.flushall()
    stack.kill("redis")
    await asyncio.sleep(1)
    stack.start("redis")
    await tab.follow(seen)
    assert seen.resets == 0
    assert_whole(seen, stack)
    assert_whole(await begun_and_ended(tab), stack)


async def begun_and_ended(tab: Tab) -> Seen:
    return await tab.follow(await begun(tab))


async def test_restarted_portal(stack: Stack, tab: Tab) -> None:
    seen = await begun(tab)
    stack.restart("portal")
    await tab.follow(seen)
    assert seen.resets == 0
    assert_whole(seen, stack)


async def test_paused_worker_that_wakes_too_late(stack: Stack, tab: Tab) -> None:
    """Its lease is over: what it writes is refused, and the run is another attempt's."""
    seen = await begun(tab)
    process = stack.children["worker"].process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    await asyncio.sleep(8)
    os.kill(process.pid, signal.SIGCONT)
    await tab.follow(seen)
    assert seen.resets >= 1
    assert_whole(seen, stack)


async def test_stop_from_another_device(stack: Stack, tab: Tab) -> None:
    async with Tab(stack.url, stack.password) as other:
        seen = await begun(tab, "[[part:answer tokens=2000 tokens_per_s=25]] Tell it for minutes.")
        assert await running(stack.engine_url) >= 1
        await other.post(f"/api/runs/{seen.run}/cancel", {})
    await tab.follow(seen, limit=60)
    assert seen.state == "cancelled"
    for _ in range(500):
        if await running(stack.engine_url) == 0:
            break
        await asyncio.sleep(0.02)
    assert await running(stack.engine_url) == 0
    assert seen.text == stored_text(stack, seen.run)


async def test_failed_answer_can_be_retried(stack: Stack, tab: Tab) -> None:
    asked = await tab.ask("[[part:error-500]] fail")
    seen = await tab.follow(Seen(asked["run"]["id"]))
    assert (seen.state, seen.error) == ("failed", "engine_failed")
    path = f"/api/conversations/{asked['conversation']['id']}/messages/{asked['answer']['id']}/regenerate"
    again = await tab.post(path, {"thinking": "off"})
    assert again["run"]["id"] != seen.run
    assert (await tab.follow(Seen(again["run"]["id"]))).state == "failed"
