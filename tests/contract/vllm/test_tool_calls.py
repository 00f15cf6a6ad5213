"""Tool calls as vLLM streams them. Random weights call nothing of themselves, so the call is forced."""

import aiohttp
import pytest

from tests.contract.conftest import RunningEngine
from tests.workers.engine.conversation import ask, text_of
from workers.engine.chunks import ChunkDecoder
from workers.engine.client import EngineClient
from workers.engine.protocol import (
    ChatMessage,
    ChatRequest,
    Finished,
    Sampling,
    StreamItem,
    Thinking,
    ToolCall,
    ToolCallDelta,
)
from workers.engine.sse import EventSplitter

pytestmark = pytest.mark.vllm

PORT = {
    "type": "function",
    "function": {
        "name": "find_port",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Zürich"]}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}


def asking(engine: RunningEngine, *messages: ChatMessage) -> ChatRequest:
    return ChatRequest(
        engine.model,
        [ChatMessage("user", "Where is the harbour?"), *messages],
        thinking=Thinking(enabled=False),
        sampling=Sampling(temperature=0.0),
        tools=[PORT],
        max_tokens=200,
    )


async def streamed(engine: RunningEngine, body: dict[str, object]) -> list[StreamItem]:
    splitter, decoder, items = EventSplitter(), ChunkDecoder(), list[StreamItem]()
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {engine.key}"}) as session,
        session.post(f"{engine.url}/v1/chat/completions", json=body) as response,
    ):
        response.raise_for_status()
        async for chunk in response.content.iter_any():
            for event in splitter.feed(chunk):
                items += decoder.decode(event)
    return items


async def test_a_forced_call_is_read_piece_by_piece(engine: RunningEngine) -> None:
    body = asking(engine).body() | {"tool_choice": {"type": "function", "function": {"name": "find_port"}}}
    items = await streamed(engine, body)
    calls = [item for item in items if isinstance(item, ToolCallDelta)]
    assert calls[0].id
    assert "".join(call.name or "" for call in calls) == "find_port"
    assert "".join(call.arguments for call in calls).startswith("{")
    assert isinstance(items[-1], Finished)


async def test_a_call_and_its_result_can_be_told_again(engine: RunningEngine, client: EngineClient) -> None:
    call = ToolCall("call-1", "find_port", '{"city": "Zürich"}')
    request = asking(
        engine, ChatMessage("assistant", None, [call]), ChatMessage("tool", "None.", tool_call_id="call-1")
    )
    assert text_of(await ask(client, request))
