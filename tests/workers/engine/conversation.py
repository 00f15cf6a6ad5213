"""Asking an engine in tests."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from workers.engine.client import EngineClient
from workers.engine.protocol import Channel, ChatMessage, ChatRequest, Delta, StreamItem, Thinking


def question(text: str = "Hello", *, model: str = "scripted", thinking: Thinking | None = None) -> ChatRequest:
    return ChatRequest(model=model, messages=[ChatMessage("user", text)], thinking=thinking)


def part(name: str, settings: str = "", *, thinking: Thinking | None = None) -> ChatRequest:
    return question(f"[[part:{name} {settings}]]".replace(" ]]", "]]"), thinking=thinking)


async def ask(client: EngineClient, request: ChatRequest) -> list[StreamItem]:
    async with aclosing(client.stream(request)) as stream:
        return [item async for item in stream]


def text_of(items: list[StreamItem], channel: Channel = "answer") -> str:
    return "".join(item.text for item in items if isinstance(item, Delta) and item.channel == channel)


async def becomes(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether `condition` comes true within a generous time."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        return False
    return True
