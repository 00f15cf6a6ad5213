"""What every engine behind the appliance must do, asked by our client and by OpenAI's own."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import openai
import pytest

from tests.contract.conftest import PATIENT, RunningEngine
from tests.workers.engine.conversation import ask, text_of
from workers.engine.client import EngineClient
from workers.engine.errors import ContextOverflow, EngineError, EngineRejected
from workers.engine.protocol import ChatMessage, ChatRequest, Delta, Finished, Sampling, Thinking, Usage

WORDS = "Tell me a long story about a ship, a harbour and a storm."
GREEDY = Sampling(temperature=0.0, seed=1)


def request_to(engine: RunningEngine, text: str = WORDS, *, max_tokens: int = 12, seed: int = 1) -> ChatRequest:
    return ChatRequest(
        engine.model,
        [ChatMessage("system", "You are brief."), ChatMessage("user", text)],
        thinking=Thinking(enabled=False),
        sampling=replace(GREEDY, seed=seed),
        max_tokens=max_tokens,
        cache_salt="c2FsdA",
        request_id="contract-1",
    )


async def running_is(client: EngineClient, expected: int) -> bool:
    for _ in range(600):
        if await client.running() == expected:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_answer_then_usage_then_finish(engine: RunningEngine, client: EngineClient) -> None:
    items = await ask(client, request_to(engine))
    assert text_of(items)
    assert isinstance(items[-2], Usage)
    assert items[-2].prompt_tokens > 0
    assert items[-2].completion_tokens > 0
    assert isinstance(items[-1], Finished)
    assert items[-1].reason in ("stop", "length")


async def test_thinking_comes_apart_from_the_answer(engine: RunningEngine, client: EngineClient) -> None:
    request = ChatRequest(
        engine.model, [ChatMessage("user", WORDS)], thinking=Thinking(enabled=True), max_tokens=12, sampling=GREEDY
    )
    items = await ask(client, request)
    # The embedded model does not think; asking it to must do no harm.
    assert bool(text_of(items, "reasoning")) is (engine.kind != "cpu")
    assert "<think>" not in text_of(items)


async def test_an_answer_is_continued_and_not_given_again(engine: RunningEngine, client: EngineClient) -> None:
    begun = "Once upon a time, a ship lay in the har"
    question = [ChatMessage("system", "You are brief."), ChatMessage("user", WORDS)]
    request = ChatRequest(
        engine.model,
        [*question, ChatMessage("assistant", begun)],
        thinking=Thinking(enabled=False),
        sampling=GREEDY,
        max_tokens=12,
        cache_salt="c2FsdA",
        continues=True,
    )
    items = await ask(client, request)
    assert text_of(items)
    assert begun[:20] not in text_of(items)
    assert text_of(items, "reasoning") == ""
    assert isinstance(items[-1], Finished)


async def test_both_clients_read_the_same(engine: RunningEngine, client: EngineClient, official: openai.OpenAI) -> None:
    request = request_to(engine, "[[part:markdown]]" if engine.kind == "scripted" else WORDS)
    ours = text_of(await ask(client, request))
    theirs = await asyncio.to_thread(read_officially, official, request)
    assert ours == theirs
    assert ours


def read_officially(official: openai.OpenAI, request: ChatRequest) -> str:
    body = request.body()
    extra = {name: body[name] for name in ("chat_template_kwargs", "cache_salt", "request_id")}
    chunks = official.chat.completions.create(
        model=request.model,
        messages=body["messages"],  # type: ignore[call-overload]
        temperature=0.0,
        seed=1,
        max_tokens=request.max_tokens,
        stream=True,
        stream_options={"include_usage": True},
        extra_body=extra,
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


async def test_closing_the_stream_frees_the_engine(engine: RunningEngine, client: EngineClient) -> None:
    async with aclosing(client.stream(request_to(engine, max_tokens=900))) as stream:
        async for item in stream:
            if isinstance(item, Delta):  # vLLM counts tokens before it gives the first
                break
        assert await running_is(client, 1)
    assert await running_is(client, 0)


async def test_several_at_once(engine: RunningEngine, client: EngineClient) -> None:
    answers = await asyncio.gather(*(ask(client, request_to(engine, seed=seed)) for seed in range(6)))
    assert all(isinstance(items[-1], Finished) and text_of(items) for items in answers)


async def test_a_wrong_key_is_refused(engine: RunningEngine) -> None:
    async with EngineClient(engine.url, "wrong", PATIENT) as stranger:
        with pytest.raises(EngineRejected) as caught:
            await ask(stranger, request_to(engine))
    assert caught.value.status == 401


async def test_a_conversation_too_long_is_an_overflow(engine: RunningEngine, client: EngineClient) -> None:
    text = "[[part:overflow]]" if engine.kind == "scripted" else "harbour storm " * 12_000
    with pytest.raises(ContextOverflow) as caught:
        await ask(client, request_to(engine, text))
    assert caught.value.limit is not None


async def test_a_question_that_makes_no_sense_is_refused(engine: RunningEngine, client: EngineClient) -> None:
    nameless = {"type": "function"}
    request = ChatRequest(engine.model, [ChatMessage("user", "?")], tools=[nameless])
    if engine.kind == "scripted":
        request = request_to(engine, "[[part:error-400]]")
    with pytest.raises(EngineError) as caught:
        await ask(client, request)
    assert caught.value.code in ("engine_rejected", "engine_failed")
    assert await client.health()


async def test_any_unicode_can_be_asked(engine: RunningEngine, client: EngineClient) -> None:
    items = await ask(client, request_to(engine, "عقد \u202e \ud800 ✅ \0 合同"))
    assert isinstance(items[-1], Finished)


async def test_probes(engine: RunningEngine, client: EngineClient) -> None:
    assert await client.health()
    models = await client.models()
    assert engine.model in [model.id for model in models]
    assert all(model.context_length for model in models)
    assert await running_is(client, 0)
