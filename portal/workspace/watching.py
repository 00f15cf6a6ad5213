"""The conversations that a tab has open: what is new in them comes to it at once, and who else is there.

A frame about news says only that there is something, and what kind of thing; the tab asks for it, and is checked again
there. Who reads under break-glass watches nothing, and so is not among those who are there.
"""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import orjson
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _
from psycopg_pool import PoolTimeout

from portal.accounts.selectors import display_names
from portal.chat.access import conversations_still_watched
from portal.core.actor import Actor
from portal.core.errors import AppError, Forbidden, Invalid, NotFound, Unavailable
from portal.core.threads import in_database_thread
from portal.workspace import presence
from portal.workspace.socket_audit import SocketAudit

WATCHING = ("watch", "unwatch", "typing")
# A tab shows one; another one may be on its way out.
MOST_WATCHED = 4
# Where news may have been missed, tabs are told so at most this often.
PERHAPS_EVERY_SECONDS = 5.0
# That somebody writes is passed on at most this often.
TYPING_EVERY_SECONDS = 1.0


class Watching:
    """Of one socket.

    Args:
        tell: sends a frame, without waiting.
        note: writes to the journal; a refusal stands whether it can be written or not.
        changed: has the rights of the socket looked at again, soon.
    """

    def __init__(
        self,
        audit: SocketAudit,
        tell: Callable[[str], None],
        note: Callable[..., Awaitable[None]],
        changed: Callable[[], None],
    ) -> None:
        self._audit, self._tell, self._note, self._changed = audit, tell, note, changed
        self._socket = uuid.uuid4().hex
        # With whether the person may ask there.
        self._watched: dict[uuid.UUID, bool] = {}
        self._shown: dict[uuid.UUID, set[uuid.UUID]] = {}
        self._actor: Actor | None = None
        self._beat: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._perhaps_at = -PERHAPS_EVERY_SECONDS
        self._typing_at = -TYPING_EVERY_SECONDS

    async def obey(self, actor: Actor, message: dict[str, Any]) -> None:
        conversation: uuid.UUID | None = None
        try:
            conversation = conversation_id(message)
            if message["type"] == "unwatch":
                await self._leave(conversation)
            elif message["type"] == "typing":
                await self._typing(actor, conversation)
            else:
                await self._watch(actor, conversation)
        except AppError as error:
            self._refuse(error, conversation)
            await self._note(self._audit.not_watched, actor, error, conversation)

    async def close(self) -> None:
        tasks = [*self._tasks, *([self._beat] if self._beat else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._actor is not None:
            presence.presence().remove(self._heard_together)
        for conversation in list(self._watched):
            await self._leave(conversation)

    async def _watch(self, actor: Actor, conversation: uuid.UUID) -> None:
        if len(self._watched) >= MOST_WATCHED and conversation not in self._watched:
            raise Invalid(
                _("A socket watches at most %(most_watched)s conversations.") % {"most_watched": MOST_WATCHED},
                code="too_many_conversations",
            )
        try:
            self._watched[conversation] = await in_database_thread(self._audit.watch, actor, conversation)
        except (DatabaseError, PoolTimeout):
            raise Unavailable from None
        if self._actor is None:
            presence.presence().add(self._heard_together)
            self._beat = asyncio.create_task(self._keep_beating())
        self._actor = actor
        self._shown.pop(conversation, None)
        await self._look_around(conversation)
        await presence.presence().tell(f"here {conversation}")

    async def _leave(self, conversation: uuid.UUID) -> None:
        if self._watched.pop(conversation, None) is None or self._actor is None:
            return
        self._shown.pop(conversation, None)
        await presence.presence().left(conversation, self._actor.person_id, self._socket)
        await presence.presence().tell(f"here {conversation}")

    async def _typing(self, actor: Actor, conversation: uuid.UUID) -> None:
        if conversation not in self._watched:
            raise NotFound
        if not self._watched[conversation]:
            raise Forbidden(_("You may read this conversation, but not ask in it."))
        if time.monotonic() - self._typing_at < TYPING_EVERY_SECONDS:
            return
        self._typing_at = time.monotonic()
        await presence.presence().tell(f"typing {conversation} {actor.person_id}")

    def heard(self, payload: str) -> None:
        """Of news in any conversation."""
        if not payload:
            self._perhaps()
            return
        named, _, what = payload.partition(" ")
        if uuid.UUID(named) not in self._watched:
            return
        if what in ("deleted", "shared"):
            self._changed()
        self._tell(news_frame(named, what))

    def _heard_together(self, payload: str) -> None:
        what, named, *more = payload.split(" ")
        conversation = uuid.UUID(named)
        if conversation not in self._watched or self._actor is None:
            return
        if what == "here":
            self._start(self._look_around(conversation))
        elif more and more[0] != str(self._actor.id):
            self._tell(frame(type="typing", conversation=named, person=more[0]))

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(presence.BEAT_SECONDS)
            for conversation in list(self._watched):
                await self._look_around(conversation)

    async def _look_around(self, conversation: uuid.UUID) -> None:
        """Say that this socket is there, and tell it of the others where they are not those it knows."""
        if self._actor is None:
            return
        me = self._actor.person_id
        others = await presence.presence().seen(conversation, me, self._socket) - {me}
        if conversation not in self._watched:
            # It was left in between.
            await presence.presence().left(conversation, me, self._socket)
            return
        if others == self._shown.get(conversation, set()):
            return
        try:
            names = await in_database_thread(display_names, others)
        except (DatabaseError, PoolTimeout):
            return
        self._shown[conversation] = others
        people = [{"id": str(pk), "name": name} for pk, name in sorted(names.items(), key=lambda item: item[1])]
        self._tell(frame(type="here", conversation=str(conversation), people=people))

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
        allowed = await in_database_thread(conversations_still_watched, actor, watched)
        for conversation in watched & set(self._watched):
            if conversation in allowed:
                self._watched[conversation] = allowed[conversation]
            else:
                await self._leave(conversation)
                self._refuse(NotFound(), conversation)
                await self._note(self._audit.watch_ended, actor, conversation)

    def _refuse(self, error: AppError, conversation: uuid.UUID | None) -> None:
        named = {"conversation": str(conversation)} if conversation else {}
        self._tell(frame(type="error", code=error.code, message=error.message, **named))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def news_frame(conversation: str, what: str) -> str:
    return frame(type="news", conversation=conversation, what=what)


def frame(**values: object) -> str:
    return orjson.dumps(values).decode()


def conversation_id(message: dict[str, Any]) -> uuid.UUID:
    """Raises NotFound, as for any other conversation that is not there."""
    try:
        return uuid.UUID(message["conversation"])
    except (KeyError, ValueError, AttributeError, TypeError):
        raise NotFound from None
