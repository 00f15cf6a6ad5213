"""The parent's side: start the child, read what it tells within bounds, and end it whatever happens."""

import base64
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from workers.ingestion.errors import CODES, CRASHED, MEMORY, TIMEOUT, TOO_LONG, Unreadable
from workers.ingestion.limits import STANDARD, Limits
from workers.ingestion.page import Page
from workers.ingestion.sandbox import bubblewrap

ROOT: Final = Path(__file__).resolve().parents[2]
# A page is written as JSON; nothing that the child says in one line is longer.
LONGEST_LINE: Final = 8 * 1024 * 1024
CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Found:
    """The kind of the file, and the walls that this machine could not build around its reading."""

    kind: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A small JPEG of an image."""

    data: bytes


Told = Found | Page | View


def read_file(path: Path, name: str, limits: Limits = STANDARD) -> Generator[Told, None, None]:
    """Pages as they are found.

    Raises:
        Unreadable: the file is at fault, or took more than it may; pages may have come before.
        OSError: the file cannot be opened, or no process be started.
    """
    readable = readable_folders()
    contained = bubblewrap.prefix(readable)
    asked = {
        "name": name[-255:],
        "limits": asdict(limits),
        "readable": [str(folder) for folder in readable],
        "contained": bool(contained),
    }
    # ``-P`` and ``-s``: nothing is imported from the folder it runs in, nor from a person's own packages.
    argv = [*contained, sys.executable, "-P", "-s", "-m", "workers.ingestion.child", json.dumps(asked)]
    environment = closed_environment()
    if contained:
        settings = [part for pair in environment.items() for part in ("--setenv", *pair)]
        argv[len(contained) : len(contained)] = settings
    with path.open("rb") as file:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            argv,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
    try:
        yield from _told(child, limits)
    finally:
        _end(child)


def closed_environment() -> dict[str, str]:
    """Nothing of ours: settings hold secrets."""
    return {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        # Each thread's own heap would count against the limit of memory.
        "MALLOC_ARENA_MAX": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "random",
    }


@cache
def readable_folders() -> tuple[Path, ...]:
    """What the child may read of this machine: the interpreter, its packages, the system's libraries, these rooms."""
    system = [Path(path) for path in (*bubblewrap.SYSTEM, "/dev/null", "/dev/urandom", "/dev/zero")]
    own = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent, ROOT / "workers"]
    return tuple(dict.fromkeys(path for path in (*own, *system) if path.exists()))


def _told(child: "subprocess.Popen[bytes]", limits: Limits) -> Iterator[Told]:
    missing: tuple[str, ...] = ()
    characters = pages = 0
    for line in _lines(child, limits):
        if "missing" in line:
            missing = tuple(map(str, line["missing"]))
        elif "kind" in line:
            yield Found(str(line["kind"]), missing)
        elif "page" in line:
            title, text = map(str, line["page"])
            pages, characters = pages + 1, characters + len(text)
            # The child counts as well, but it is the child that is not trusted.
            if pages > limits.pages or characters > limits.characters:
                raise Unreadable(TOO_LONG)
            yield Page(text, title)
        elif "view" in line:
            yield View(base64.b64decode(line["view"], validate=True))
        elif "error" in line:
            raise Unreadable(line["error"] if line["error"] in CODES else CRASHED)
        elif "done" in line:
            return
    raise Unreadable(_why_it_ended(child))


def _lines(child: "subprocess.Popen[bytes]", limits: Limits) -> Iterator[dict[str, Any]]:
    began = time.monotonic()
    for raw in _raw_lines(child, limits, began):
        try:
            line = json.loads(raw)
        except ValueError:
            raise Unreadable(CRASHED) from None
        if not isinstance(line, dict):
            raise Unreadable(CRASHED)
        yield line


def _raw_lines(child: "subprocess.Popen[bytes]", limits: Limits, began: float) -> Iterator[bytes]:
    if child.stdout is None:
        raise Unreadable(CRASHED)
    pipe = child.stdout.fileno()
    held = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            left = min(limits.silence, began + limits.seconds - time.monotonic())
            if left <= 0 or not selector.select(left):
                raise Unreadable(TIMEOUT)
            chunk = os.read(pipe, CHUNK)
            if not chunk:
                return
            held += chunk
            if len(held) > LONGEST_LINE:
                raise Unreadable(CRASHED)
            *lines, rest = held.split(b"\n")
            held = rest
            yield from map(bytes, lines)


def _why_it_ended(child: "subprocess.Popen[bytes]") -> str:
    try:
        code = child.wait(1)
    except subprocess.TimeoutExpired:
        return CRASHED
    if code in (-signal.SIGXCPU, -signal.SIGKILL, 128 + signal.SIGKILL):
        return TIMEOUT
    # A library in C that is refused memory aborts.
    return MEMORY if code in (-signal.SIGABRT, 128 + signal.SIGABRT) else CRASHED


def _end(child: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    if child.stdout is not None:
        child.stdout.close()
    child.wait()
