"""The client against the scripted engine, part by part."""

import asyncio
import socket
from contextlib import aclosing
from pathlib import Path

import aiohttp
import pytest

from tests.workers.engine.conftest import FAST, PATIENT
from tests.workers.engine.conversation import ask, becomes, part, question, text_of
from workers.engine.client import EngineClient, EngineTimeouts
from workers.engine.errors import (
    ContextOverflow,
    EngineError,
    EngineFailed,
    EngineInterrupted,
    EngineOverloaded,
    EngineProtocolError,
    EngineRejected,
    EngineTimeout,
    EngineUnavailable,
)
from workers.engine.protocol import Delta, Finished, StreamItem, Thinking, ToolCallDelta, Usage
from workers.engine.scripted import TOKEN, ScriptedEngine
from workers.engine.scripted.texts import MARKDOWN

IMPATIENT = EngineTimeouts(connect=5, first_item=0.3, idle=0.3, queue=0.3, probe=10)


async def test_answer_whole_and_in_order(client: EngineClient) -> None:
    items = await ask(client, part("answer", "tokens=40"))
    tokens = TOKEN.findall(text_of(items))
    assert [int(index) for _letter, index, _sent in tokens] == list(range(40))
    assert isinstance(items[-2], Usage)
    assert items[-2].completion_tokens == 40
    assert items[-1] == Finished("stop")


async def test_part_by_model_name(client: EngineClient) -> None:
    assert text_of(await ask(client, question(model="part-markdown"))) == MARKDOWN


@pytest.mark.parametrize("name", ["reasoning", "reasoning-llama"])
async def test_thinking_is_sent_and_read_apart(scripted: ScriptedEngine, client: EngineClient, name: str) -> None:
    items = await ask(client, part(name, thinking=Thinking(enabled=True, budget_tokens=64)))
    assert len(TOKEN.findall(text_of(items, "reasoning"))) == 3
    assert text_of(items).startswith(" t0@")
    assert scripted.requests[-1]["chat_template_kwargs"] == {"enable_thinking": True}
    assert scripted.requests[-1]["thinking_token_budget"] == 64
    usage = next(item for item in items if isinstance(item, Usage))
    assert usage.reasoning_tokens == 3


async def test_thinking_off_yields_no_reasoning(scripted: ScriptedEngine, client: EngineClient) -> None:
    assert text_of(await ask(client, part("reasoning", thinking=Thinking(enabled=False))), "reasoning") == ""
    assert scripted.requests[-1]["chat_template_kwargs"] == {"enable_thinking": False}


async def test_tool_call(client: EngineClient) -> None:
    items = await ask(client, part("tool"))
    calls = [item for item in items if isinstance(item, ToolCallDelta)]
    assert (calls[0].id, calls[0].name) == ("call_1", "search_documents")
    assert "".join(call.arguments for call in calls) == '{"query": "delivery terms"}'
    assert items[-1] == Finished("tool_calls")


async def test_bytes_that_drip_make_the_same_answer(client: EngineClient) -> None:
    items = await ask(client, part("drip", "tokens=3"))
    assert [index for _letter, index, _sent in TOKEN.findall(text_of(items))] == ["0", "1", "2"]
    assert items[-1] == Finished("stop")


async def test_surrogates_become_valid_text(client: EngineClient) -> None:
    assert text_of(await ask(client, part("surrogates"))) == "a😀b\ufffdc\ufffdd"


async def test_a_question_with_lone_surrogates_is_sent(client: EngineClient) -> None:
    assert text_of(await ask(client, question("[[part:echo]]عقد \ud800 ✅"))) == "عقد \ufffd ✅"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error-400", EngineRejected),
        ("error-500", EngineFailed),
        ("error-mid", EngineFailed),
        ("garbage", EngineProtocolError),
        ("cut", EngineInterrupted),
        ("no-such-part", EngineRejected),
    ],
)
async def test_faults_are_typed(client: EngineClient, name: str, kind: type[EngineError]) -> None:
    with pytest.raises(EngineError) as caught:
        await ask(client, part(name))
    assert type(caught.value) is kind


@pytest.mark.parametrize("name", ["overflow", "overflow-llama"])
async def test_context_overflow(client: EngineClient, name: str) -> None:
    with pytest.raises(ContextOverflow) as caught:
        await ask(client, part(name))
    assert caught.value.limit == 4096


async def test_text_before_a_fault_is_handed_out(client: EngineClient) -> None:
    received: list[StreamItem] = []

    async def read() -> None:
        async for item in client.stream(part("cut", "tokens=20")):
            received.append(item)

    with pytest.raises(EngineInterrupted):
        await read()
    assert len(TOKEN.findall(text_of(received))) == 10


@pytest.mark.parametrize("name", ["silent", "hang", "stall"])
async def test_silence_ends_in_a_typed_error_and_frees_the_engine(scripted: ScriptedEngine, name: str) -> None:
    async with EngineClient(await scripted.start(), timeouts=IMPATIENT) as client:
        with pytest.raises(EngineTimeout):
            await ask(client, part(name))
        assert await becomes(lambda: scripted.running == 0)


async def test_a_slow_reader_is_no_silent_engine(scripted: ScriptedEngine) -> None:
    async with EngineClient(await scripted.start(), timeouts=IMPATIENT) as client:
        async with aclosing(client.stream(part("answer", "tokens=3 tokens_per_s=20"))) as stream:
            items = []
            async for item in stream:
                items.append(item)
                if len(items) == 1:
                    await asyncio.sleep(0.7)
        assert items[-1] == Finished("stop")


async def test_closing_the_iterator_frees_the_engine(scripted: ScriptedEngine, client: EngineClient) -> None:
    async with aclosing(client.stream(part("answer", "tokens=100000 tokens_per_s=100"))) as stream:
        async for item in stream:
            assert isinstance(item, Delta)
            break
        assert await client.running() == 1
    assert await becomes(lambda: scripted.running == 0)
    assert await client.running() == 0


@pytest.mark.parametrize("name", ["silent", "hang", "stall"])
async def test_cancelling_the_reader_frees_the_engine(
    scripted: ScriptedEngine, client: EngineClient, name: str
) -> None:
    reader = asyncio.create_task(ask(client, part(name)))
    assert await becomes(lambda: scripted.running == 1)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert await becomes(lambda: scripted.running == 0)


async def test_a_busy_engine_is_asked_again(client: EngineClient) -> None:
    waits: list[float] = []
    async with aclosing(client.stream(part("busy", "times=3"), on_queued=waits.append)) as stream:
        items = [item async for item in stream]
    assert items[-1] == Finished("stop")
    assert len(waits) == 3
    assert waits == sorted(waits)


@pytest.mark.parametrize("name", ["error-503", "error-429"])
async def test_an_engine_that_stays_full_is_overloaded(scripted: ScriptedEngine, name: str) -> None:
    async with EngineClient(await scripted.start(), timeouts=IMPATIENT) as client:
        with pytest.raises(EngineOverloaded) as caught:
            await ask(client, part(name))
    assert caught.value.retry_after == 1.0


async def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with EngineClient(f"http://127.0.0.1:{unused.getsockname()[1]}", timeouts=PATIENT) as client:
            with pytest.raises(EngineUnavailable):
                await ask(client, question())
            with pytest.raises(EngineUnavailable):
                await client.running()
            assert not await client.health()


async def test_a_server_that_is_no_engine() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, EngineClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:
        with pytest.raises(EngineProtocolError):
            await ask(client, question())
        with pytest.raises(EngineProtocolError):
            await client.models()


async def test_bytes_that_are_no_http() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xff" * 100 + b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, EngineClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:
        with pytest.raises(EngineError):
            await ask(client, question())


async def test_unix_socket(tmp_path: Path) -> None:
    engine = ScriptedEngine(FAST)
    address = await engine.start(socket=tmp_path / "engine.sock")
    async with EngineClient(address, timeouts=PATIENT) as client:
        assert await client.health()
        assert (await ask(client, part("answer")))[-1] == Finished("stop")
    await engine.stop()


async def test_key_is_sent_and_needed() -> None:
    engine = ScriptedEngine(FAST, api_key="k")
    address = await engine.start()
    async with EngineClient(address, "k", PATIENT) as client, EngineClient(address, "wrong", PATIENT) as stranger:
        assert (await ask(client, part("answer")))[-1] == Finished("stop")
        with pytest.raises(EngineRejected) as caught:
            await ask(stranger, part("answer"))
        assert caught.value.status == 401
        with pytest.raises(EngineRejected):
            await stranger.models()
    await engine.stop()


async def test_probes(client: EngineClient) -> None:
    assert await client.health()
    assert await client.version() == "scripted"
    models = await client.models()
    assert (models[0].id, models[0].context_length) == ("scripted", 262144)
    assert await client.running() == 0


async def test_a_given_session_stays_open(scripted: ScriptedEngine) -> None:
    async with aiohttp.ClientSession() as session:
        async with EngineClient(await scripted.start() + "/v1/", session=session) as client:
            assert await client.health()
        assert not session.closed


async def test_many_streams_at_once_are_whole_and_in_order(client: EngineClient) -> None:
    request = part("answer", "tokens=30 tokens_per_s=100")
    answers = await asyncio.gather(*(ask(client, request) for _ in range(100)))
    for items in answers:
        assert [int(index) for _letter, index, _sent in TOKEN.findall(text_of(items))] == list(range(30))
