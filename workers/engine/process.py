"""One engine process: started in a session of its own, recognised again after its starter died."""

import asyncio
import fcntl
import hashlib
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final, Self

from pydantic import BaseModel, ValidationError

from workers.engine.profiles import EngineCommand

_LOG_LIMIT: Final = 16 * 1024 * 1024
_POLL_SECONDS: Final = 0.05
_PROJECT: Final = Path(__file__).resolve().parents[2]

# What an engine may know of the worker's environment; never its secrets or its database.
# By APPLIANCE_LAUNCH the launcher finds an engine that has outlived its worker, in its session of its own.
_PASSED_NAMES: Final = frozenset(
    {"APPLIANCE_LAUNCH", "HOME", "LANG", "PATH", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV", "XDG_CACHE_HOME"}
)
_PASSED_PREFIXES: Final = ("CUDA_", "GLOO_", "LC_", "LD_", "NCCL_", "NVIDIA_", "OMP_", "UCX_")


class EngineOwned(RuntimeError):
    """Another supervisor holds this engine."""


class ProcessRecord(BaseModel):
    """Kept on disk so that the next supervisor can tell the process from another of the same number.

    Attributes:
        start_time: of the process, in clock ticks since the machine's start.
        fingerprint: of its command line and environment.
        was_ready: whether it has been healthy once.
    """

    pid: int
    start_time: int
    fingerprint: str
    was_ready: bool = False

    @classmethod
    def read(cls, path: Path) -> Self | None:
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, path: Path) -> None:
        new = path.with_suffix(".new")
        new.write_text(self.model_dump_json())
        new.replace(path)


class EngineLock:
    """Held by the one supervisor of an engine; the kernel drops it when that process dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Raises EngineOwned when another process or supervisor holds it."""
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise EngineOwned(f"another supervisor holds {self._path.name}") from error
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class EngineProcess:
    """A running engine, either our child or adopted from a supervisor that died."""

    def __init__(self, record: ProcessRecord, child: subprocess.Popen[bytes] | None = None) -> None:
        self.record = record
        self._child = child

    @property
    def pid(self) -> int:
        return self.record.pid

    @property
    def exit_code(self) -> int | None:
        """Of an ended child; None while it runs, and for adopted processes."""
        return self._child.poll() if self._child is not None else None

    def alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return start_time_of(self.pid) == self.record.start_time

    async def stop(self, grace: float) -> None:
        """End the process and all of its session: SIGTERM, `grace` seconds, SIGKILL."""
        if self.alive():
            _signal_group(self.pid, signal.SIGTERM)
            loop = asyncio.get_running_loop()
            due = loop.time() + grace
            while self.alive() and loop.time() < due:
                await asyncio.sleep(_POLL_SECONDS)
        # Also after a clean exit: workers of the engine may outlive its first process.
        _signal_group(self.pid, signal.SIGKILL)
        while self.alive():
            await asyncio.sleep(_POLL_SECONDS)


def spawn(command: EngineCommand, log_path: Path, environ: Mapping[str, str]) -> EngineProcess:
    """Start the engine; its output goes to `log_path`.

    Raises:
        OSError: the program is missing, or the log cannot be written.
    """
    if log_path.exists() and log_path.stat().st_size > _LOG_LIMIT:
        log_path.replace(log_path.with_suffix(".log.1"))
    with log_path.open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - the command comes from a linted profile
            command.argv,
            env=child_environment(command, environ),
            cwd=_PROJECT,  # where `python -m workers.engine…` finds this package
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    record = ProcessRecord(pid=child.pid, start_time=start_time_of(child.pid) or 0, fingerprint=fingerprint(command))
    return EngineProcess(record, child)


def child_environment(command: EngineCommand, environ: Mapping[str, str]) -> dict[str, str]:
    passed = {name: value for name, value in environ.items() if _is_passed(name)}
    return passed | command.env


def fingerprint(command: EngineCommand) -> str:
    parts = [*command.argv, "", *(f"{name}={value}" for name, value in sorted(command.env.items()))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def start_time_of(pid: int) -> int | None:
    """When a process started, in clock ticks since the machine's start; None if it is gone or ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field, the name, may hold spaces and brackets; the others follow its last bracket.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def _is_passed(name: str) -> bool:
    return name in _PASSED_NAMES or name.startswith(_PASSED_PREFIXES)


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
