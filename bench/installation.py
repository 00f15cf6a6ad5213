"""What a new owner waits for: the installation of a clean clone of HEAD, and its second start."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.table import Row
from launcher.installation.steps import clean_environment
from launcher.programs import free_port
from tests.stack import ROOT, answers

INSTALLED = (".venv", "node_modules", "portal/static/vendor")
STARTING = 300.0
"""Seconds after which a start counts as failed."""

STOPPING = 60.0


def installation_rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="appliance-install-") as folder:
        # The embedded PostgreSQL runs under an account of its own where root starts it.
        Path(folder).chmod(0o755)
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        installed = install(clone)
        size = sum(megabytes(clone / name) for name in INSTALLED)
        first, second = start(clone), start(clone)
    return [
        Row("install: seconds", installed, "s", 150),
        Row("install: size", size, "MB", 900),
        Row("first `make run` after it until ready", first, "s"),
        Row("second `make run` until ready", second, "s", 10),
    ]


def install(clone: Path) -> float:
    began = time.monotonic()
    subprocess.run(["make", "install"], cwd=clone, env=environment(), check=True)
    return time.monotonic() - began


def start(clone: Path) -> float:
    """Seconds from `make run` until the appliance is ready; then it is stopped as Ctrl-C stops it."""
    port = free_port()
    began = time.monotonic()
    with running(clone, port) as process:
        while not answers(f"http://127.0.0.1:{port}/readyz"):
            if process.poll() is not None or time.monotonic() - began > STARTING:
                raise RuntimeError("`make run` did not become ready; what it said stands above")
            time.sleep(0.05)
        return time.monotonic() - began


@contextmanager
def running(clone: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["make", "run"], cwd=clone, env=environment(PORT=str(port)), start_new_session=True)
    try:
        yield process
    finally:
        # A second Ctrl-C makes the launcher kill its children.
        interrupt(process)
        try:
            process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            interrupt(process)
            process.wait(STOPPING)


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """As a terminal's Ctrl-C, which reaches make and the launcher alike."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)


def environment(**more: str) -> dict[str, str]:
    """A new owner's: nothing of the benchmark's own stack, and nothing of the make that runs the benchmark."""
    kept = clean_environment(**more)
    return {name: value for name, value in kept.items() if not name.startswith(("APPLIANCE_", "MAKE", "MFLAGS"))}


def megabytes(folder: Path) -> float:
    """Space on the disk, in MB of 10^6 bytes."""
    return sum(path.lstat().st_blocks * 512 for path in [folder, *folder.rglob("*")]) / 1e6
