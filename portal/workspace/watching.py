"""The conversations that a tab has open: what is new in them comes to it at once.

A frame says only that there is something new, and what kind of thing; the tab asks for it, and is checked again there.
"""

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _
from psycopg_pool import PoolTimeout

from portal.chat.access import conversations_still_watched
from portal.core.actor import Actor
from portal.core.errors import AppError, Invalid, NotFound, Unavailable
from portal.core.threads import in_database_thread
from portal.workspace.socket_audit import SocketAudit

WATCHING = ("watch", "unwatch")
# A tab shows one; another one may be on its way out.
MOST_WATCHED = 4
# Where news may have been missed, tabs are told so at most this often.
PERHAPS_EVERY_SECONDS = 5.0


class Watching:
    """Of one socket.

    Args:
        tell: sends a frame, without waiting.
        note: writes to the journal; a refusal stands whether it can be written or not.
    """

    def __init__(self, audit: SocketAudit, tell: Callable[[str], None], note: Callable[..., Awaitable[None]]) -> None:
        self._audit, self._tell, self._note = audit, tell, note
        self._watched: set[uuid.UUID] = set()
        self._perhaps_at = -PERHAPS_EVERY_SECONDS

    async def obey(self, actor: Actor, message: dict[str, Any]) -> None:
        conversation: uuid.UUID | None = None
        try:
            conversation = conversation_id(message)
            if message["type"] == "unwatch":
                self._watched.discard(conversation)
            else:
                await self._watch(actor, conversation)
        except AppError as error:
            self._refuse(error, conversation)
            await self._note(self._audit.not_watched, actor, error, conversation)

    async def _watch(self, actor: Actor, conversation: uuid.UUID) -> None:
        if len(self._watched) >= MOST_WATCHED and conversation not in self._watched:
            raise Invalid(
                _("A socket watches at most %(most_watched)s conversations.") % {"most_watched": MOST_WATCHED},
                code="too_many_conversations",
            )
        try:
            await in_database_thread(self._audit.watch, actor, conversation)
        except (DatabaseError, PoolTimeout):
            raise Unavailable from None
        self._watched.add(conversation)

    def heard(self, payload: str) -> None:
        if not payload:
            self._perhaps()
            return
        named, _, what = payload.partition(" ")
        if uuid.UUID(named) in self._watched:
            self._tell(news_frame(named, what))

    def _perhaps(self) -> None:
        if time.monotonic() - self._perhaps_at < PERHAPS_EVERY_SECONDS:
            return
        self._perhaps_at = time.monotonic()
        for conversation in self._watched:
            self._tell(news_frame(str(conversation), "all"))

    async def check_again(self, actor: Actor) -> None:
        """End what is no longer allowed."""
        watched = set(self._watched)
        if not watched:
            return
        for conversation in watched - await in_database_thread(conversations_still_watched, actor, watched):
            if conversation in self._watched:
                self._watched.discard(conversation)
                self._refuse(NotFound(), conversation)
                await self._note(self._audit.watch_ended, actor, conversation)

    def _refuse(self, error: AppError, conversation: uuid.UUID | None) -> None:
        frame: dict[str, Any] = {"type": "error", "code": error.code, "message": error.message}
        if conversation:
            frame["conversation"] = str(conversation)
        self._tell(orjson.dumps(frame).decode())


def news_frame(conversation: str, what: str) -> str:
    return orjson.dumps({"type": "news", "conversation": conversation, "what": what}).decode()


def conversation_id(message: dict[str, Any]) -> uuid.UUID:
    """Raises NotFound, as for any other conversation that is not there."""
    try:
        return uuid.UUID(message["conversation"])
    except (KeyError, ValueError, AttributeError, TypeError):
        raise NotFound from None
