"""What others rely on of the scripted engine, beyond what the client's tests use."""

import asyncio
import time
from dataclasses import replace

import aiohttp
import pytest

from tests.workers.engine.conftest import FAST, PATIENT
from tests.workers.engine.conversation import ask, becomes, part, question, text_of
from workers.engine.backoff import Backoff
from workers.engine.client import EngineClient
from workers.engine.errors import EngineOverloaded
from workers.engine.protocol import Thinking
from workers.engine.scripted import PARTS, REFUSALS, TOKEN, ScriptedEngine
from workers.engine.scripted.texts import MARKDOWN


async def test_tokens_carry_the_time_they_were_sent(client: EngineClient) -> None:
    before = time.monotonic_ns()
    text = text_of(await ask(client, part("answer", "tokens=20")))
    sent = [int(stamp) for _letter, _index, stamp in TOKEN.findall(text)]
    assert sent == sorted(sent)
    assert before <= sent[0]
    assert sent[-1] <= time.monotonic_ns()


async def test_pace_is_kept_on_the_whole(client: EngineClient) -> None:
    text = text_of(await ask(client, part("answer", "ttft_ms=0 tokens=21 tokens_per_s=100")))
    sent = [int(stamp) for _letter, _index, stamp in TOKEN.findall(text)]
    # Twenty pauses of 10 ms: late tokens catch up, so the sum is never short.
    assert sent[-1] - sent[0] >= 0.19e9


async def test_without_a_part_thinking_decides(client: EngineClient) -> None:
    assert text_of(await ask(client, question("Hello", thinking=Thinking(enabled=True))), "reasoning")
    assert not text_of(await ask(client, question("Hello")), "reasoning")


async def test_bodies_are_kept_until_cleared(scripted: ScriptedEngine, client: EngineClient) -> None:
    await ask(client, question("remember me"))
    async with aiohttp.ClientSession() as session:
        url = f"{client.address.base_url}/requests"
        async with session.get(url) as answer:
            bodies = await answer.json()
        assert [body["messages"][-1]["content"] for body in bodies] == ["remember me"]
        async with session.delete(url) as answer:
            assert answer.status == 204
    assert not scripted.requests


async def test_answers_without_streaming(client: EngineClient) -> None:
    body = {"model": "part-markdown", "messages": [{"role": "user", "content": "Hello"}]}
    url = f"{client.address.base_url}/v1/chat/completions"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        choice = (await answer.json())["choices"][0]
    assert choice["message"]["content"] == MARKDOWN
    assert choice["finish_reason"] == "stop"


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"model": "m"}', '{"model": "m", "messages": 3}'])
async def test_bodies_that_are_none_are_refused(client: EngineClient, body: str) -> None:
    url = f"{client.address.base_url}/v1/chat/completions"
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as answer:
        assert answer.status == 400


async def test_every_part_is_listed(client: EngineClient) -> None:
    assert {model.id for model in await client.models()} == {
        "scripted",
        "default",
        *(f"part-{name}" for name in (*PARTS, *REFUSALS)),
    }


async def test_places_are_limited_and_come_free() -> None:
    engine = ScriptedEngine(FAST, max_running=1)
    async with EngineClient(await engine.start(), timeouts=PATIENT) as client:
        first = asyncio.create_task(ask(client, part("hang")))
        assert await becomes(lambda: engine.running == 1)
        second = asyncio.create_task(ask(client, part("answer")))
        await asyncio.sleep(0.2)
        assert not second.done()
        first.cancel()
        assert text_of(await second)
    await engine.stop()


async def test_no_place_within_the_wait() -> None:
    engine = ScriptedEngine(FAST, max_running=0)
    address = await engine.start()
    async with EngineClient(address, timeouts=replace(PATIENT, queue=0.2)) as client:
        with pytest.raises(EngineOverloaded):
            await ask(client, part("answer"))
    await engine.stop()


def test_backoff_doubles_to_its_limit_and_starts_anew() -> None:
    backoff = Backoff(first=1.0, limit=4.0)
    pauses = [backoff.next() for _ in range(5)]
    for pause, span in zip(pauses, [1, 2, 4, 4, 4], strict=True):
        assert span / 2 <= pause <= span
    backoff.reset()
    assert backoff.next() <= 1.0
