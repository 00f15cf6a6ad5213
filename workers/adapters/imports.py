"""An import from beginning to end: the child process reads the file, and what it says is stored in batches."""

import os
import select
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import structlog
from django.conf import settings

from portal.chat.imports.execution import Batch, Claim, Lost, Problem, claim, extend, finish, store_batch
from portal.chat.imports.storing import Incoming, IncomingMessage
from portal.core.errors import Forbidden, NotFound

log = structlog.get_logger(__name__)

CHILD = "workers.ingestion.conversations.child"
BATCH_CONVERSATIONS = 100
BATCH_BYTES = 4_000_000
# How long a batch may wait for more, and how often the claim is kept.
BEAT_SECONDS = 2.0
# A child that says nothing for so long is stuck: the largest conversation takes a few seconds.
SILENT_SECONDS = 120.0
PIECE = 1024 * 1024


class Stuck(Exception):
    """The child says nothing any more."""


def execute(import_id: uuid.UUID) -> None:
    """Does nothing where there is nothing to claim."""
    claimed = claim(import_id)
    if claimed is None:
        return
    try:
        finish(claimed, _read(claimed))
    except Lost:
        log.info("import.lost", id=str(import_id))


def _read(claimed: Claim) -> str:
    """The code of what ended it; empty where the whole file was read or the import was cancelled. Raises Lost."""
    try:
        with _child(claimed) as lines:
            return _store_all(claimed, lines)
    except FileNotFoundError:
        return "file_missing"
    except Stuck:
        return "stuck"
    except (Forbidden, NotFound):
        return "not_allowed"


def _store_all(claimed: Claim, lines: "Iterator[bytes | None]") -> str:
    batch, held, beat = Batch(claimed.position), 0, time.monotonic()
    for line in lines:
        if line is not None:
            said = orjson.loads(line)
            if "end" in said:
                if batch.position > claimed.position:
                    store_batch(claimed, batch)
                return str(said["end"])
            _add(batch, said)
            held += len(line)
        is_full = held >= BATCH_BYTES or len(batch.conversations) + len(batch.problems) >= BATCH_CONVERSATIONS
        if not is_full and time.monotonic() - beat < BEAT_SECONDS:
            continue
        if not extend(claimed):
            return ""
        if batch.conversations or batch.problems:
            store_batch(claimed, batch)
            batch, held = Batch(batch.position), 0
        beat = time.monotonic()
    # It ended without a last word: killed by one of its own limits.
    return "too_large"


def _add(batch: Batch, said: dict[str, Any]) -> None:
    batch.position, batch.share = said["n"], said["share"]
    if "problem" in said:
        batch.problems.append(Problem(said["n"], said["title"], said["problem"]))
        return
    found = said["conversation"]
    messages = [IncomingMessage(**message) for message in found.pop("messages")]
    batch.conversations.append(Incoming(messages=messages, **found))


@contextmanager
def _child(claimed: Claim) -> "Iterator[Iterator[bytes | None]]":
    """Its lines, and None where a while has passed without one.

    It inherits the open file and nothing else: no environment, and so no secret.
    """
    with claimed.path.open("rb") as file:
        process = subprocess.Popen(  # noqa: S603  # our own module, and a number
            [sys.executable, "-m", CHILD, str(claimed.position)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env={"LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        )
    try:
        if process.stdout is not None:
            yield _lines(process.stdout.fileno())
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _lines(source: int) -> "Iterator[bytes | None]":
    """Raises Stuck."""
    held, heard = bytearray(), time.monotonic()
    while True:
        ready, _, _ = select.select([source], [], [], BEAT_SECONDS)
        if not ready:
            if time.monotonic() - heard > SILENT_SECONDS:
                raise Stuck
            yield None
            continue
        heard = time.monotonic()
        piece = os.read(source, PIECE)
        if not piece:
            return
        held += piece
        *whole, rest = held.split(b"\n")
        held = bytearray(rest)
        yield from (bytes(line) for line in whole)
