"""Keeps the children running: starts again what ends, with growing pauses, and gives up on what will not stay."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from launcher.errors import DiskFullError, LauncherError
from launcher.process import Child

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
STEADY = 30.0
"""Seconds after which a child counts as having come up."""

ROOM = 32
"""Megabytes without which nothing is started again: the database's next log file and a little more."""

MOST_FAILURES = 5
"""Ends in a row, each before the child was steady, after which the launcher gives up."""


@dataclass
class Watched:
    """A child and the record of its failures. Times are of the monotonic clock, in seconds."""

    child: Child
    started: float
    failures: int = 0
    again_at: float | None = None
    waits_for_room: bool = False


class Supervisor:
    """Watches children in the order in which they were added; stops them in the reverse order."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._watched: list[Watched] = []

    def watch(self, child: Child) -> None:
        self._watched.append(Watched(child, time.monotonic()))

    @property
    def children(self) -> Sequence[Child]:
        return [watched.child for watched in self._watched]

    def look(self) -> None:
        """One round over all children. Raises LauncherError, with the end of its log, for one that will not stay."""
        now = time.monotonic()
        for watched in self._watched:
            if watched.child.alive:
                watched.child.bound_log()
            elif watched.again_at is None:
                self._record_end(watched, now)
            elif now >= watched.again_at:
                self._start_again(watched, now)

    def stop(self) -> None:
        """Stop every child, the last added first, each within its grace time."""
        for watched in reversed(self._watched):
            began = time.monotonic()
            watched.child.stop()
            if time.monotonic() - began > 1:
                self._say(f"{watched.child.name} stopped after {time.monotonic() - began:.0f} s")

    def kill(self) -> None:
        """Send every living child's group SIGKILL; `stop`, which this interrupts, then finds them ended."""
        for watched in self._watched:
            if watched.child.process is not None and watched.child.process.returncode is None:
                watched.child.kill_group()

    def _start_again(self, watched: Watched, now: float) -> None:
        """On a full disk wait for room instead: what still runs goes on, and nothing that fails then says much."""
        try:
            if not has_room(watched.child):
                raise DiskFullError("")
            watched.child.start()
        except DiskFullError:
            watched.again_at = now + LONGEST_PAUSE
            if not watched.waits_for_room:
                self._say(f"The disk is full: {watched.child.name} waits for {ROOM} MB. Free some space.")
            watched.waits_for_room = True
        else:
            watched.again_at, watched.started, watched.waits_for_room = None, now, False

    def _record_end(self, watched: Watched, now: float) -> None:
        child = watched.child
        child.kill()  # what it started itself must not meet its successor
        if not has_room(child):
            watched.failures, watched.again_at = 0, now
            return
        watched.failures = 1 if now - watched.started > STEADY else watched.failures + 1
        if watched.failures >= MOST_FAILURES:
            raise self._given_up(child, watched.failures)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (watched.failures - 1))
        watched.again_at = now + pause
        self._say(f"{child.name} ended ({ending(child)}); starting it again in {pause:g} s (log: {child.log})")

    @staticmethod
    def _given_up(child: Child, times: int) -> LauncherError:
        return child.failure(f"ended {times} times in a row, the last time with {ending(child)}")


def has_room(child: Child) -> bool:
    return shutil.disk_usage(child.data).free >= ROOM * 2**20


def ending(child: Child) -> str:
    """How a child's process ended, in words."""
    code = None if child.process is None else child.process.returncode
    if code is None:
        return "no exit code"
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
