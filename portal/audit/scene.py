"""Where an act happens: which entrance, from which address, and whether it has left a row yet.

Entrances (requests, sockets, tasks, commands) open a scene; whatever is recorded inside it carries the scene's place.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from portal.core.actor import Actor
from portal.core.catalogue import RIGHTS, Action
from portal.core.reasons import Reason


@dataclass(slots=True)
class Scene:
    """``place`` is the entrance's own name: a route's pattern, an event, a task, a command; never a path or a query.

    ``reason`` is that of the decision under way, as the last door named it; ``works_as`` that of what the appliance
    itself does in the scene.
    """

    place: str = ""
    address: str = ""
    reason: str = ""
    recorded: bool = False
    refused: bool = False
    failed: bool = False
    works_as: Reason = "job"

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


def because(reason: Reason) -> None:
    """Doors name the reason of the decision under way, for the rows that service or entrance leave."""
    current_scene().reason = reason


def because_of_platform_role(actor: Actor) -> None:
    """The same where a platform role decided; the appliance itself needs none."""
    if actor.has_platform_role:
        because("platform_role" if actor.is_platform_administrator else "auditor")


def because_of_department(actor: Actor, right: str = "") -> None:
    """The same of a right at a department, an administrative one where none is named: by a role there or above, or by
    administering the whole company."""
    if actor.is_person:
        everywhere = actor.is_platform_administrator and (not right or RIGHTS[right].administrative)
        because("platform_role" if everywhere else "role")


def allowed_by(actor: Actor, action: Action) -> str:
    """Why the act under way is allowed: what its door said, or else what the actor is."""
    scene = current_scene()
    if actor.kind == "system":
        return scene.works_as
    if scene.reason and not scene.failed:
        return scene.reason
    if action.public or not actor.is_person:
        plain: Reason = "public"
    else:
        plain = "own_account" if action.own else "signed_in"
    return plain


def taken_back(reason: Reason) -> None:
    """What was recorded so far is rolled back on purpose, as of a dry run; the entrance leaves a row that says why."""
    scene = current_scene()
    scene.recorded, scene.reason = False, reason
