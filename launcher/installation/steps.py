"""Commands that take a while, run side by side: a line when one starts, goes on, and is done."""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from launcher.errors import LauncherError, disk_full_in

ASTRAY = {
    "PYTHONPATH",
    "PYTHONHOME",
    # Packages are installed without byte code: it has to be kept when they are first imported, or every start is slow.
    "PYTHONDONTWRITEBYTECODE",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "VIRTUAL_ENV",
}
"""Variables that lead pip or Python out of the checkout, or that make the installed appliance slow."""

_NOISE = re.compile(r"warning|deprecation|npm warn|ignoring |looking in |requirement already", re.IGNORECASE)

# "Collecting amqp==5.4.2 (from …)", "Downloading amqp-5.4.2-py3-none-any.whl (51 kB)", "Processing /…/amqp-5.4.2….whl".
_PACKAGE = re.compile(r"(?:Collecting|Downloading|Using cached|Processing) (?:\S*/)?(?P<name>[A-Za-z0-9._]+)")

STILL = 10.0
"""Seconds between two lines about a step that goes on."""


class Steps:
    """Shows and runs the steps of one installation, and ends them all where one fails."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._began = time.monotonic()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._ended = False

    def say(self, text: str) -> None:
        print(f"[{time.monotonic() - self._began:5.1f} s] {text}", flush=True)

    def run(self, title: str, argv: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Run one command to its end. Raises LauncherError with the end of its output where it fails."""
        began = time.monotonic()
        self.say(f"{title} …")
        log = self._log(title)
        with log.open("wb") as output:
            process = self._start(argv, environment, output.fileno())
            while not self._wait(process, STILL):
                self.say(f"{title}: {time.monotonic() - began:.0f} s … {phase(_tail(log, 400))}".rstrip())
        if process.returncode != 0:
            raise self._failure(title, log)
        self.say(f"{title}: done in {time.monotonic() - began:.1f} s")

    def side_by_side(self, *chains: Callable[[], None]) -> None:
        """Run the chains in threads; the first error ends the others and is raised."""
        with ThreadPoolExecutor(max_workers=max(1, len(chains))) as pool:
            futures = [pool.submit(chain) for chain in chains]
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
                for future in futures:
                    if future.done():
                        future.result()
            except BaseException:
                self._end()
                raise

    def _start(
        self, argv: Sequence[str], environment: Mapping[str, str] | None, output: int
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended:
                raise LauncherError("Stopped.")
            try:
                process = subprocess.Popen(
                    list(argv), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
                )
            except OSError as error:
                raise LauncherError(f"{argv[0]} cannot be started: {error.strerror}.") from error
            self._processes.append(process)
        return process

    def _end(self) -> None:
        with self._lock:
            self._ended = True
            for process in self._processes:
                if process.poll() is None:
                    process.terminate()

    def _log(self, title: str) -> Path:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self._logs / (title.lower().replace(" ", "-") + ".log")

    @staticmethod
    def _wait(process: subprocess.Popen[bytes], seconds: float) -> bool:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @staticmethod
    def _failure(title: str, log: Path) -> LauncherError:
        output = _tail(log)
        if disk_full_in(output):
            return LauncherError(f"The disk is full: {title} could not be finished. Free some space and start again.")
        return LauncherError(f"{title} failed; the whole output is in {log}", output)


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without what would lead pip or Python astray."""
    kept = {name: value for name, value in os.environ.items() if name not in ASTRAY}
    return {**kept, **more}


def _tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def phase(output: str) -> str:
    """Where a command is, in a few words: pip's package or phase, else its last line that is no warning."""
    lines = [line.strip() for line in output.splitlines()]
    said = [line for line in lines if line and not _NOISE.match(line)]
    if not said:
        return ""
    package = _PACKAGE.match(said[-1])
    if package:
        return package["name"]
    if said[-1].startswith("Installing collected packages:"):
        return f"unpacking {said[-1].count(',') + 1} packages"
    return textwrap.shorten(said[-1], 80, placeholder=" …")
