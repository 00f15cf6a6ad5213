"""The worker's watch over its engine, against real rows: what the portal gets to know, also where nothing works."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings
from structlog.testing import capture_logs

from portal.core.threads import in_database_thread
from portal.engines.choices import EngineState
from portal.engines.health import engine_components
from portal.engines.models import Engine
from tests.workers.engine.conversation import becomes
from workers.adapters.engine_watch import EngineWatch
from workers.adapters.process import _say_if_failed
from workers.engine.profiles.profile import ProfileError
from workers.engine.scripted import ScriptedEngine

pytestmark = pytest.mark.usefixtures("committed")


@asynccontextmanager
async def watched() -> AsyncIterator[asyncio.Task[None]]:
    watch = EngineWatch()
    task = asyncio.create_task(watch.run())
    try:
        yield task
    finally:
        watch.stop.set()
        await task


async def row(name: str) -> dict[str, Any]:
    found = await in_database_thread(lambda: Engine.objects.filter(name=name).values("state", "is_default").first())
    return dict(found) if found else {"state": None, "is_default": False}


async def reaches(name: str, state: EngineState) -> bool:
    for _ in range(400):
        if (await row(name))["state"] == state:
            return True
        await asyncio.sleep(0.025)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_two_engines_in_turn_on_one_database(settings: Settings, tmp_path: Path) -> None:
    """As a start of the launcher with a given engine after one with its own, and the other way round."""
    scripted = ScriptedEngine()
    address = await scripted.start()
    settings.ENGINE_STATE_DIR, settings.ENGINE_PORT = tmp_path, free_port()
    settings.ENGINE_MODEL = "default"
    for url, profile, name in (("", "scripted", "Scripted engine"), (address, "", "default")) * 2:
        settings.ENGINE_URL, settings.ENGINE_PROFILE = url, profile
        async with watched():
            assert await reaches(name, EngineState.READY)
            assert (await row(name))["is_default"]
        assert (await row(name))["state"] == EngineState.STOPPED
    await scripted.stop()


async def test_an_engine_that_cannot_be_kept_says_why_for_as_long_as_the_worker_lives(
    settings: Settings,
) -> None:
    settings.ENGINE_URL, settings.ENGINE_MODEL = "http://somebody@127.0.0.1:9", "given"
    with capture_logs() as logs:
        async with watched() as task:
            assert await reaches("given", EngineState.FAILED)
            component = (await in_database_thread(engine_components))["engine"]
            assert "carries no user" in component.detail
            await asyncio.sleep(0.3)
            assert not task.done()
    failed = next(line for line in logs if line["event"] == "engine.failed")
    assert failed["log_level"] == "error"
    assert (await row("given"))["state"] == EngineState.STOPPED


async def test_a_watch_that_ends_is_said_at_once(settings: Settings) -> None:
    settings.ENGINE_URL, settings.ENGINE_PROFILE = "", "nope"
    task = asyncio.ensure_future(EngineWatch().run())
    with capture_logs() as logs:
        task.add_done_callback(_say_if_failed)
        assert await becomes(task.done)
        with pytest.raises(ProfileError):
            await task
    said = next(line for line in logs if line["event"] == "engine.watch_failed")
    assert said["log_level"] == "error"
    assert "no model profile 'nope'; known are" in said["reason"]
