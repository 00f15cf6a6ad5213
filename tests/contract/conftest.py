"""The engines that the contract is held against.

`CONTRACT_ENGINE_URL` and `CONTRACT_ENGINE_MODEL` (and `CONTRACT_ENGINE_KEY`, else `contract`) name a running engine,
which is then the only one and must ask for that key; else the scripted and the embedded CPU engine are started.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import openai
import pytest
import uvloop

from workers.engine.client import EngineClient, EngineTimeouts

GIVEN_URL = os.environ.get("CONTRACT_ENGINE_URL")
ENGINES = (
    [pytest.param("given", marks=pytest.mark.vllm)]
    if GIVEN_URL
    else ["scripted", pytest.param("cpu", marks=pytest.mark.engine)]
)
COMMANDS = {
    "scripted": ("workers.engine.scripted", "--ttft-ms=5", "--tokens-per-s=500"),
    "cpu": ("workers.engine.cpu_server", "--slots=2", "--context-length=1024"),
}
MODELS = {"scripted": "scripted", "cpu": "smollm2-135m"}
PATIENT = EngineTimeouts(connect=10, first_item=120, idle=60, queue=60, probe=30)


@dataclass(frozen=True, slots=True)
class RunningEngine:
    kind: str
    url: str
    model: str
    key: str


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    kind: str = request.param
    key = os.environ.get("CONTRACT_ENGINE_KEY", "contract")
    if GIVEN_URL:
        yield RunningEngine(kind, GIVEN_URL.rstrip("/").removesuffix("/v1"), os.environ["CONTRACT_ENGINE_MODEL"], key)
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    log = tmp_path_factory.mktemp("engine") / "log"
    process = _start(kind, url, key, log)
    try:
        _wait_until_healthy(process, url, log)
        yield RunningEngine(kind, url, MODELS[kind], key)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
async def client(engine: RunningEngine) -> AsyncIterator[EngineClient]:
    async with EngineClient(engine.url, engine.key, PATIENT) as client:
        yield client


@pytest.fixture
def official(engine: RunningEngine) -> Iterator[openai.OpenAI]:
    """OpenAI's own client, which knows nothing of ours."""
    with openai.OpenAI(base_url=f"{engine.url}/v1", api_key=engine.key, timeout=120) as client:
        yield client


def _start(kind: str, url: str, key: str, log: Path) -> subprocess.Popen[bytes]:
    module, *options = COMMANDS[kind]
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", module, f"--port={url.rpartition(':')[2]}", *options],
            env=os.environ | {"ENGINE_API_KEY": key},
            stdout=output,
            stderr=output,
        )


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    due = time.monotonic() + 60
    while time.monotonic() < due and process.poll() is None:
        try:
            with urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - our own engine
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the engine did not become healthy: {log.read_text(errors='replace')[-2000:]}")
