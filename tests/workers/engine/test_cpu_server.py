"""The embedded CPU engine under the supervisor, with the bundled model."""

import asyncio
import subprocess
import sys
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workers.engine.conftest import PATIENT
from tests.workers.engine.conversation import ask, becomes, text_of
from workers.engine.address import EngineAddress
from workers.engine.bundled import WeightsMissing, bundled_weights_dir
from workers.engine.client import EngineClient
from workers.engine.process import start_time_of
from workers.engine.profiles import load_profile
from workers.engine.protocol import ChatMessage, ChatRequest, Delta, Finished, Usage
from workers.engine.states import EngineState
from workers.engine.supervisor import Supervisor

pytestmark = pytest.mark.engine

PROFILE = load_profile("smollm2-135m")


async def test_a_real_model_answers_on_a_unix_socket(tmp_path: Path) -> None:
    address = EngineAddress.parse(f"unix:{tmp_path}/e.sock")
    supervisor = Supervisor(PROFILE, address, bundled_weights_dir(), tmp_path / "engine", api_key="k")
    stop = asyncio.Event()
    task = asyncio.create_task(supervisor.run(stop))
    async with EngineClient(str(address), "k", PATIENT) as client:
        assert await becomes(lambda: supervisor.status.state is EngineState.READY, 60)
        question = [
            ChatMessage("system", "You are a helpful assistant."),
            ChatMessage("user", "What is the capital of France?"),
        ]
        sampling = replace(PROFILE.sampling(thinking=False), temperature=0.0)
        items = await ask(client, ChatRequest(PROFILE.served_name, question, sampling=sampling, max_tokens=16))
        assert "Paris" in text_of(items)
        assert isinstance(items[-2], Usage)
        assert isinstance(items[-1], Finished)
        async with aclosing(client.stream(ChatRequest(PROFILE.served_name, question, max_tokens=3000))) as stream:
            assert isinstance(await anext(stream), Delta)
        async with asyncio.timeout(60):
            while await client.running():
                await asyncio.sleep(0.02)
    stop.set()
    await task
    assert "capital of France" not in (tmp_path / "engine" / "engine.log").read_text()


PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "workers.engine.cpu_server", "--exit-with-parent"],
                         stdout=subprocess.PIPE, text=True)
print(child.pid, child.stdout.readline(), flush=True)
"""


async def test_ends_with_its_parent_when_told_to() -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE)
    output, _ = await parent.communicate()
    pid, word, address = output.decode().split()
    assert word == "ready"
    assert address.startswith("http://127.0.0.1:")
    assert await becomes(lambda: start_time_of(int(pid)) is None)


@pytest.mark.parametrize("content", [None, b"not a model"])
def test_a_file_that_is_no_model_is_one_clear_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    command = [sys.executable, "-m", "workers.engine.cpu_server", f"--model-file={path}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "model" in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.engine.bundled.PACKAGE", "no_such_package")
    with pytest.raises(WeightsMissing, match="no_such_package"):
        bundled_weights_dir()
