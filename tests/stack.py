"""The whole appliance as real processes on a fresh database: what browser, interruption and end-to-end tests drive."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import redis

from launcher.errors import LauncherError
from launcher.options import Options
from launcher.process import Child, Command
from launcher.programs import Programs, appliance_programs, free_port, process_environment, settings_for
from launcher.services import RunningService, start_redis

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a password for the sample people"
STARTING = 240.0
"""Seconds to wait for a process that starts beside others on two cores."""


@dataclass
class Stack:
    """``children`` has portal, worker, timetable and engine by name."""

    url: str
    engine_url: str
    database_url: str
    broker: RunningService
    children: dict[str, Child]
    password: str = PASSWORD

    def kill(self, name: str) -> None:
        """SIGKILL, without a moment to tidy up."""
        self._child(name).kill()

    def start(self, name: str) -> None:
        """Start again what was killed, and wait until it serves where it has an address."""
        child = self._child(name)
        child.start()
        if name == "portal":
            child.await_ready(lambda: answers(f"{self.url}/healthz"), STARTING)
        elif name == "redis":
            child.await_ready(lambda: listens(self.broker.url), STARTING)

    def restart(self, name: str) -> None:
        self.kill(name)
        self.start(name)

    def await_ready(self) -> None:
        """Wait until every component says that it is ready. Raises LauncherError with what a dead process wrote."""
        deadline = time.monotonic() + STARTING
        while not answers(f"{self.url}/readyz"):
            for child in self.children.values():
                if not child.alive:
                    raise child.failure("ended while it was starting")
            if time.monotonic() > deadline:
                raise LauncherError("the stack was not ready in time", self.children["worker"].log_tail())
            time.sleep(0.1)

    def _child(self, name: str) -> Child:
        return self.broker.child if name == "redis" else self.children[name]


@contextmanager
def start_stack(data: Path) -> Iterator[Stack]:
    """A stack of its own database, Redis and data folder; everything is stopped and dropped at the end."""
    started: list[Callable[[], None]] = []
    try:
        yield _start(data, started)
    finally:
        for stop in reversed(started):
            stop()


def _start(data: Path, started: list[Callable[[], None]]) -> Stack:
    database_url = _fresh_database(started)
    broker = start_redis(data, durable=False)
    started.append(broker.stop)
    engine_port = free_port()
    engine_url = f"http://127.0.0.1:{engine_port}"
    options = Options(root=ROOT, data=data, port=free_port(), engine_url=engine_url)
    services = {"APPLIANCE_DATABASE_URL": database_url, "APPLIANCE_REDIS_URL": broker.url}
    programs = _programs(options, services)
    (data / "timetable").mkdir()
    _prepare(programs.prepare)
    engine = Command(
        "engine",
        [sys.executable, "-m", "workers.engine.scripted", "--port", str(engine_port)],
        programs.prepare.environment,
        ROOT,
    )
    children = {command.name: Child(command, data) for command in (engine, *programs.serving)}
    for child in children.values():
        child.start()
        started.append(child.stop)
    stack = Stack(f"http://127.0.0.1:{options.port}", engine_url, database_url, broker, children)
    stack.await_ready()
    return stack


def _programs(options: Options, services: dict[str, str]) -> Programs:
    environment = {
        **os.environ,
        "APPLIANCE_SAMPLE_PASSWORD": PASSWORD,
        "APPLIANCE_ENGINE_URL": options.engine_url or "",
        "APPLIANCE_ENGINE_MODEL": "default",
    }
    return appliance_programs(options, process_environment(environment, settings_for(options, environment, services)))


def _prepare(command: Command) -> None:
    done = subprocess.run(
        command.argv, env=command.environment, cwd=command.directory, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LauncherError("manage.py prepare failed", done.stdout + done.stderr)


def _fresh_database(started: list[Callable[[], None]]) -> str:
    """The address of an empty database beside the tests' own."""
    given = os.environ["APPLIANCE_DATABASE_URL"]
    name = f"stack_{os.getpid()}"

    def run(statement: str) -> None:
        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(statement)

    run(f"CREATE DATABASE {name}")
    started.append(lambda: run(f"DROP DATABASE {name} WITH (FORCE)"))
    return urlunsplit(urlsplit(given)._replace(path="/" + quote(name)))


def answers(url: str) -> bool:
    with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310
        return bool(response.status == 200)
    return False


def listens(url: str) -> bool:
    with suppress(redis.RedisError), redis.Redis.from_url(url, socket_timeout=1) as client:
        return bool(client.ping())
    return False
