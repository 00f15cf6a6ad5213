"""The launcher as a process: started on a data folder of the test's own, read line by line, always stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher.ledger import Ledger
from launcher.services import start_postgres

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0


class LaunchedProcess:
    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.output = ""
        given = {name: value for name, value in os.environ.items() if not name.startswith("APPLIANCE_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.launcher.stand_in_launch"],
            cwd=ROOT,
            env={**given, "APPLIANCE_DATA": str(data), "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, text: str) -> None:
        """Read the output up to the line that has the text; fails with all of it if the launcher ends before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if text in line:
                return
        pytest.fail(f"{text!r} was never said:\n{self.output}")

    def end(self) -> int:
        """Read to the end of the output; the exit code."""
        assert self.process.stdout is not None
        self.output += self.process.stdout.read()
        return self.process.wait(PATIENCE)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.end()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh database cluster to copy, which is quicker than to make; making one has its own tests."""
    data = tmp_path_factory.mktemp("cluster")
    start_postgres(data, durable=False).stop()
    return data / "postgres"


@pytest.fixture
def launch(tmp_path: Path, cluster: Path) -> Iterator[Callable[..., LaunchedProcess]]:
    launched: list[LaunchedProcess] = []

    def start(data: Path = tmp_path / "data", **environment: str) -> LaunchedProcess:
        if data.parent.is_dir() and not data.exists():
            data.mkdir(mode=0o755)
            subprocess.run(["cp", "-a", cluster, data], check=True)
        launched.append(LaunchedProcess(data, **environment))
        return launched[-1]

    yield start
    for each in launched:
        if each.process.poll() is None:
            each.stop()
        if each.process.stdout is not None:
            each.process.stdout.close()
        ledger = Ledger(each.data)
        for name in ledger.names():
            ledger.stop_leftover(name)
        ledger.stop_strays()


@pytest.fixture
def port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail("never came true")
        time.sleep(0.05)
