"""The processes of the appliance itself, and the environment they run in."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from launcher import data_folder
from launcher.installation.steps import ASTRAY
from launcher.options import Options
from launcher.process import Command

EMBEDDED_ENGINE = "smollm2-135m"
"""The model profile that the worker starts where no engine is given."""

AS_ROOT = "ignore:You're running the worker with superuser privileges"
"""Celery's warning, told to Python by its first words."""

WORKER_THREADS = 256
"""Entrances for tasks: each waits on the process's one event loop, so they cost little (docs/decisions)."""


@dataclass(frozen=True)
class Programs:
    """`prepare` runs to its end first; `serving` then runs for good. Stopped in this order, started together."""

    prepare: Command
    serving: tuple[Command, ...]


def appliance_programs(options: Options, environment: Mapping[str, str]) -> Programs:
    # Quiet: no banner. Root's process warns of being root, which operation.md speaks about once.
    celery = [sys.executable, "-W", AS_ROOT, "-m", "celery", "--quiet", "-A", "appliance"]
    worker = [*celery, "worker", "-P", "threads", "-c", str(WORKER_THREADS), "-Q", "interactive,background"]
    schedule = str(options.data / "timetable" / "schedule")
    portal = [sys.executable, "-m", "uvicorn", "appliance.asgi:application"]
    listen = ["--host", options.host, "--port", str(options.port), "--no-access-log", "--log-level", "warning"]
    transport = ["--loop", "uvloop", "--no-proxy-headers", "--timeout-graceful-shutdown", "3"]
    sockets = ["--ws", "appliance.handshake:SocketProtocol", "--ws-max-size", "8192"]
    commands = {
        "portal": [*portal, *listen, *transport, *sockets],
        "worker": [*worker, "--without-gossip", "--without-mingle", "--loglevel=warning", "-n", "worker@%h"],
        "timetable": [*celery, "beat", "--schedule", schedule, "--pidfile=", "--loglevel=warning"],
    }
    prepare = [sys.executable, "manage.py", "prepare"]
    return Programs(
        prepare=Command("prepare", prepare, environment, options.root),
        serving=tuple(Command(name, argv, environment, options.root) for name, argv in commands.items()),
    )


def settings_for(options: Options, environment: Mapping[str, str], services: Mapping[str, str]) -> dict[str, str]:
    """The variables that the launcher decides; `services` holds the addresses of the embedded ones."""
    chosen = {
        "APPLIANCE_DATA": str(options.data),
        "APPLIANCE_HOST": options.host,
        "PORT": str(options.port),
        "APPLIANCE_SAMPLE": "1" if options.sample else "0",
        **services,
    }
    if not (environment.get("APPLIANCE_SECRET_KEY") or environment.get("APPLIANCE_SECRET_KEY_FILE")):
        chosen["APPLIANCE_SECRET_KEY_FILE"] = str(data_folder.secret_key(options.data))
    if options.engine_url is None:
        chosen["APPLIANCE_ENGINE_PROFILE"] = environment.get("APPLIANCE_ENGINE_PROFILE") or EMBEDDED_ENGINE
        chosen["APPLIANCE_ENGINE_PORT"] = environment.get("APPLIANCE_ENGINE_PORT") or str(free_port())
    return chosen


def process_environment(environment: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """What every process gets: the caller's environment, the launcher's settings, and how Python should behave."""
    # With hundreds of threads the C library's default of 8 arenas a core keeps memory that nobody uses.
    behaviour = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": environment.get("MALLOC_ARENA_MAX", "2")}
    kept = {name: value for name, value in environment.items() if name not in ASTRAY}
    return {**kept, "DJANGO_SETTINGS_MODULE": "appliance.settings", **behaviour, **settings}


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
