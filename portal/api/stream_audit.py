"""What happens to an event stream, in the audit journal; called in database threads."""

import uuid
from dataclasses import dataclass

from django.http import HttpRequest

from portal.accounts.request_audit import client_address, place_of
from portal.audit.journal import Act, Target
from portal.audit.refusals import refusals
from portal.audit.scene import Scene, current_scene, opened
from portal.core.actor import Actor
from portal.runs.access import run_for_view


@dataclass(frozen=True, slots=True)
class StreamAudit:
    """``scene`` is that of the request. It is over when the stream ends, which therefore has one like it."""

    scene: Scene
    place: str
    address: str

    @classmethod
    def of(cls, request: HttpRequest) -> "StreamAudit":
        return cls(current_scene(), place_of(request), client_address(request))

    def admit(self, actor: Actor, run_id: uuid.UUID) -> None:
        """The check of one who wants to follow a run; its row is the request's. Raises as ``run_for_view``."""
        with opened(self.scene):
            run_for_view(actor, run_id)

    def ended(self, actor: Actor, run_id: uuid.UUID, reason: str) -> None:
        """The stream was cut off in the middle."""
        with opened(Scene(self.place, self.address)):
            refusals.note(actor, Act("run.view", Target("run", run_id), "denied", reason))
