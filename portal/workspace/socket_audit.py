"""What happens on a socket, in the audit journal; called in database threads."""

import ipaddress
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

from portal.audit.journal import Act, Target
from portal.audit.refusals import refusals
from portal.audit.scene import Scene, opened
from portal.audit.witness import witness
from portal.chat.access import conversation_for_watch
from portal.core.actor import ANONYMOUS, Actor
from portal.core.errors import AppError, Forbidden, NotFound, RateLimited
from portal.runs.access import run_for_view

CONNECT = "/ws/ connect"
FOLLOW = "/ws/ follow"
WATCH = "/ws/ watch"


@dataclass(frozen=True, slots=True)
class SocketAudit:
    address: str
    # Runs that were followed by right; only such a right can be withdrawn.
    admitted: set[uuid.UUID] = field(default_factory=set)

    def connected(self, actor: Actor) -> None:
        """Raises as ``witness`` does: such a socket must not be opened."""
        with opened(Scene(CONNECT, self.address)):
            witness(actor, Act("stream.connect"))

    def turned_away(self, reason: str, actor: Actor = ANONYMOUS) -> None:
        with opened(Scene(CONNECT, self.address)):
            refusals.note(actor, Act("stream.connect", outcome="denied", reason=reason))

    def follow(self, actor: Actor, run_id: uuid.UUID) -> None:
        """The check of one who wants to follow a run, and its row. Raises NotFound, and as ``witness`` does."""
        with opened(Scene(FOLLOW, self.address)):
            target = Target("run", run_id)
            try:
                run_for_view(actor, run_id)
            except NotFound:
                refusals.note(actor, Act("run.view", target, "denied", "missing or not visible"))
                raise
            witness(actor, Act("run.view", target))
            self.admitted.add(run_id)

    def refused(self, actor: Actor, error: AppError, run_id: uuid.UUID | None) -> None:
        """A message that was not obeyed, before anything was looked up."""
        if isinstance(error, RateLimited):
            self.turned_away("rate", actor)
            return
        denied = isinstance(error, NotFound)
        with opened(Scene(FOLLOW, self.address)):
            reason = "missing or not visible" if denied else error.code
            act = Act("run.view", Target("run", run_id), "denied" if denied else "failed", reason)
            refusals.note(actor, act)

    def watch(self, actor: Actor, conversation_id: uuid.UUID) -> bool:
        """The check of one who wants to watch a conversation, and its row; whether he may ask in it.

        Raises as ``follow`` does.
        """
        with opened(Scene(WATCH, self.address)):
            may_ask = conversation_for_watch(actor, conversation_id)
            witness(actor, Act("conversation.watch", Target("conversation", conversation_id)))
            return may_ask

    def not_watched(self, actor: Actor, error: AppError, conversation_id: uuid.UUID | None) -> None:
        denied = isinstance(error, NotFound | Forbidden)
        with opened(Scene(WATCH, self.address)):
            reason = "missing or not visible" if isinstance(error, NotFound) else error.code
            target = Target("conversation", conversation_id)
            refusals.note(actor, Act("conversation.watch", target, "denied" if denied else "failed", reason))

    def watch_ended(self, actor: Actor, conversation_id: uuid.UUID) -> None:
        with opened(Scene(WATCH, self.address)):
            target = Target("conversation", conversation_id)
            refusals.note(actor, Act("conversation.watch", target, "denied", "the right was withdrawn"))

    def closed(self, actor: Actor) -> None:
        """The socket was closed because the session ended, or the person was suspended."""
        self.turned_away("not signed in", actor)

    def ended(self, actor: Actor, run_id: uuid.UUID) -> None:
        reason = "the right was withdrawn" if run_id in self.admitted else "missing or not visible"
        self.admitted.discard(run_id)
        with opened(Scene(FOLLOW, self.address)):
            refusals.note(actor, Act("run.view", Target("run", run_id), "denied", reason))


def address_of(scope: dict[str, object]) -> str:
    client = scope.get("client")
    with suppress(ValueError):
        return str(ipaddress.ip_address(str(client[0]))) if isinstance(client, (list, tuple)) and client else ""
    return ""
