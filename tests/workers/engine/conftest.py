import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from workers.engine.client import EngineClient, EngineTimeouts
from workers.engine.scripted import PartOptions, ScriptedEngine

FAST = PartOptions(ttft_ms=1, tokens_per_s=2000, tokens=8)
PATIENT = EngineTimeouts(connect=5, first_item=20, idle=20, queue=20, probe=10)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The client runs on both loops, uvloop in workers and asyncio in tools; the rest as in workers."""
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"uvloop": uvloop.new_event_loop}
    if item.path.name == "test_client.py":
        factories["asyncio"] = asyncio.new_event_loop
    return factories


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedEngine]:
    engine = ScriptedEngine(FAST)
    yield engine
    await engine.stop()


@pytest.fixture
async def client(scripted: ScriptedEngine) -> AsyncIterator[EngineClient]:
    async with EngineClient(await scripted.start(), timeouts=PATIENT) as client:
        yield client
