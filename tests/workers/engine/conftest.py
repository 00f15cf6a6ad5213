from collections.abc import AsyncIterator

import pytest

from workers.engine.client import EngineClient, EngineTimeouts
from workers.engine.scripted import PartOptions, ScriptedEngine

FAST = PartOptions(ttft_ms=1, tokens_per_s=2000, tokens=8)
PATIENT = EngineTimeouts(connect=5, first_item=20, idle=20, queue=20, probe=10)


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedEngine]:
    engine = ScriptedEngine(FAST)
    yield engine
    await engine.stop()


@pytest.fixture
async def client(scripted: ScriptedEngine) -> AsyncIterator[EngineClient]:
    async with EngineClient(await scripted.start(), timeouts=PATIENT) as client:
        yield client
