"""Which processes a launcher has started, kept on disk so that the next one finds what a killed one left behind.

A process is known by its number and its start time in clock ticks since boot, so a number used again is no mistake.
Processes that a child starts in sessions of their own are found by a mark in their environment.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

MARK = "APPLIANCE_LAUNCH"
"""The environment variable that every process of one data folder carries."""

PROC = Path("/proc")
_BOOT = PROC / "sys/kernel/random/boot_id"


@dataclass(frozen=True)
class Entry:
    """One process in the ledger; `started` is in clock ticks since boot, `boot` the kernel's name for that boot."""

    pid: int
    started: int
    boot: str
    stop_signal: int

    @property
    def alive(self) -> bool:
        return self.boot == _boot() and start_ticks(self.pid) == self.started


class Ledger:
    """The entries of one data folder, one file each in its `run/`."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "run"

    def mark(self) -> dict[str, str]:
        """The environment that names a process as belonging to this data folder."""
        return {MARK: str(self._folder.parent.resolve())}

    def enter(self, name: str, pid: int, stop_signal: signal.Signals) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        entry = {"pid": pid, "started": start_ticks(pid) or 0, "boot": _boot(), "stop_signal": int(stop_signal)}
        path = self._path(name)
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(entry))
        draft.replace(path)

    def strike(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def stop_leftover(self, name: str, grace: float = 10.0) -> bool:
        """End the process entered under this name, and its session, if it still runs; says whether it did."""
        entry = self.read(name)
        if entry is None:
            return False
        found = entry.alive
        if found:
            end_process(entry.pid, entry.stop_signal, grace)
        for pid in _session(entry.pid) if found else []:
            end_process(pid, signal.SIGKILL, grace)
        self.strike(name)
        return found

    def stop_strays(self, grace: float = 5.0) -> int:
        """End every other process that carries this data folder's mark; returns how many there were."""
        strays = self._strays()
        for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
            for pid in strays:
                _signal(pid, number)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline and any(running(pid) for pid in strays):
                time.sleep(0.02)
        return len(strays)

    def _strays(self) -> list[int]:
        wanted = "=".join(*self.mark().items()).encode()
        return [pid for pid in process_ids() if pid != os.getpid() and wanted in _environment(pid)]

    def read(self, name: str) -> Entry | None:
        try:
            return Entry(**json.loads(self._path(name).read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            self.strike(name)
            return None

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def start_ticks(pid: int) -> int | None:
    """When the process began, in clock ticks since boot; None where there is none, or only its remains."""
    fields = _stat(pid)
    return None if fields is None or fields[0] == "Z" else int(fields[19])


def running(pid: int) -> bool:
    return start_ticks(pid) is not None


def working_directory(pid: int) -> Path | None:
    try:
        return (PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None


def end_process(pid: int, stop_signal: int, grace: float) -> None:
    """Send the signal, wait `grace` seconds for the end, then SIGKILL."""
    started = start_ticks(pid)
    _signal(pid, stop_signal)
    deadline = time.monotonic() + grace
    while started is not None and start_ticks(pid) == started:
        if time.monotonic() > deadline:
            _signal(pid, signal.SIGKILL)
            deadline += grace
        time.sleep(0.02)


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the third (the state) on, as in proc(5)."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def _session(leader: int) -> list[int]:
    return [
        pid for pid in process_ids() if (fields := _stat(pid)) is not None and fields[3] == str(leader) and running(pid)
    ]


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def process_ids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _boot() -> str:
    return _BOOT.read_text().strip()
