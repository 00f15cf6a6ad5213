"""Where an act happens: which entrance, from which address, and whether it has left a row yet.

Entrances (requests, sockets, tasks, commands) open a scene; whatever is recorded inside it carries the scene's place.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Scene:
    """``place`` is the entrance's own name: a route's pattern, an event, a task, a command; never a path or a query."""

    place: str = ""
    address: str = ""
    reason: str = ""
    recorded: bool = False
    refused: bool = False
    failed: bool = False

    def saw(self, outcomes: Iterable[str]) -> None:
        """Rows were written inside the scene."""
        for outcome in outcomes:
            self.recorded = True
            self.refused |= outcome != "allowed"

    def undo(self, reason: str) -> None:
        """The act failed and its transaction was rolled back, rows included, though the entrance answers politely."""
        self.recorded, self.failed, self.reason = False, True, reason


_current: ContextVar[Scene | None] = ContextVar("audit_scene", default=None)


def current_scene() -> Scene:
    return _current.get() or Scene()


def begin(scene: Scene) -> None:
    """Until ``end``; for entrances that tell of their beginning and their end only."""
    _current.set(scene)


def end() -> None:
    _current.set(None)


@contextmanager
def opened(scene: Scene) -> Iterator[Scene]:
    token = _current.set(scene)
    try:
        yield scene
    finally:
        _current.reset(token)


def because(reason: str) -> None:
    """Name the reason of the decision under way (``role``, ``grant``…) for the row that the entrance leaves."""
    current_scene().reason = reason
