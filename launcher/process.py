"""One child process: its own session, its log, its entry in the ledger, its orderly end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from launcher.errors import DiskFullError, LauncherError, disk_full_in, is_disk_full
from launcher.ledger import Ledger

LOG_LIMIT = 10 * 1024 * 1024
"""Bytes of one log file; a full one is kept as `.1` and begun anew."""

POLL = 0.02
"""Seconds between two looks at a process that is starting or ending."""


@dataclass(frozen=True)
class Command:
    """How to run one child. `grace` is the time in seconds from `stop_signal` to SIGKILL."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    directory: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0


@dataclass
class Child:
    """A command that runs, or did: it can be started again after it has ended."""

    command: Command
    data: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        return self.command.name

    @property
    def log(self) -> Path:
        return self.data / "logs" / f"{self.name}.log"

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the command in a session of its own. Raises LauncherError, or DiskFullError, where it cannot be."""
        ledger = Ledger(self.data)
        try:
            with self._open_log() as log:
                self.process = subprocess.Popen(
                    list(self.command.argv),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**self.command.environment, **ledger.mark()},
                    cwd=self.command.directory,
                    start_new_session=True,
                )
            ledger.enter(self.name, self.process.pid, self.command.stop_signal)
        except OSError as error:
            # What has no entry in the ledger would be found by its mark only.
            self.kill()
            if is_disk_full(error):
                line = f"The disk is full: {self.name} cannot be started. Free some space and start again."
                raise DiskFullError(line) from error
            raise LauncherError(f"{self.name} cannot be started: {error.strerror or error}.") from error

    def await_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready()`. Raises LauncherError with the log's end where the child ends first or time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise self.failure("ended while it was starting")
            if time.monotonic() > deadline:
                raise self.failure(f"was not ready after {seconds:.0f} s")
            time.sleep(POLL)

    def failure(self, what: str) -> LauncherError:
        """The error that says what happened to this child, with the end of its log."""
        tail = self.log_tail()
        if disk_full_in(tail):
            return DiskFullError(
                f"The disk is full: {self.name} could not write. Free some space and start again.", tail
            )
        return LauncherError(f"{self.name} {what}; its log is {self.log}", tail)

    def log_tail(self, lines: int = 15) -> str:
        return last_lines(self.log, lines)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.alive:
            self.process.send_signal(self.command.stop_signal)

    def stop(self) -> None:
        """Ask, wait for the grace time, then kill whatever is left of the process group."""
        if self.process is None or not self.alive:
            return
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(self.command.grace)
        self.kill()

    def kill(self) -> None:
        """End the whole process group and wait for the end of its leader."""
        if self.process is None:
            return
        self.kill_group()
        self.process.wait()
        Ledger(self.data).strike(self.name)

    def kill_group(self) -> None:
        """Send SIGKILL to the whole process group; waits for nothing, so a signal handler may call it."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def bound_log(self) -> None:
        """Keep the log within its limit; the child appends, so its file can be emptied under it."""
        try:
            if self.log.stat().st_size <= LOG_LIMIT:
                return
            kept = self.log.with_suffix(".log.1")
            # The older part goes first: on a full disk there is room for one of the two.
            kept.unlink(missing_ok=True)
            kept.write_bytes(self.log.read_bytes()[-LOG_LIMIT:])
            os.truncate(self.log, 0)
        except FileNotFoundError:
            return
        except OSError as error:
            if not is_disk_full(error):
                raise
            os.truncate(self.log, 0)

    def _open_log(self) -> IO[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.log.open("ab", buffering=0)


def last_lines(log: Path, lines: int) -> str:
    """The end of a log; nothing where there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 16384))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
