"""How workers tell portals what they have just written into the journal: one Redis publication a tick.

A publication holds one line an event, ``<run> <seq> <F or -> <frame>``; ``F`` marks a run's last event. Frames are JSON
and hold no line break. Nothing depends on a publication to arrive: the journal in PostgreSQL is the truth.
"""

import uuid
from collections.abc import Iterable
from typing import NamedTuple

from portal.runs.events import JournalEvent

EVENTS_CHANNEL = "runs:events"
# Carries the id of a run that a person stopped.
CANCEL_CHANNEL = "runs:cancel"
# Carries the id of a run whose asker has waited enough.
ANSWER_NOW_CHANNEL = "runs:answer-now"


class Published(NamedTuple):
    run: uuid.UUID
    seq: int
    final: bool
    frame: str


class BadPublication(ValueError):
    """A publication that is not in the form of this module."""


def encode(events: Iterable[JournalEvent]) -> bytes:
    return b"\n".join(
        b"%b %d %b %b" % (event.run.hex.encode(), event.seq, b"F" if event.is_final else b"-", event.frame())
        for event in events
    )


def decode(publication: bytes) -> list[Published]:
    """Raises BadPublication."""
    try:
        return [_line(line) for line in publication.decode().split("\n")]
    except ValueError as error:
        raise BadPublication(str(error)) from error


def _line(line: str) -> Published:
    run, seq, flag, frame = line.split(" ", 3)
    return Published(uuid.UUID(hex=run), int(seq), flag == "F", frame)
