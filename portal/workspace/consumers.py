"""/ws/: one socket a tab. The client follows runs, and the socket hands it their journals; it watches the conversation
that it shows, and hears what is new in it (``watching``).

The handshake checks Host, Origin and session; each followed run is checked when it is followed and again whenever
rights change; with the right gone the stream ends within seconds.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error as DatabaseError
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg_pool import PoolTimeout

from portal.accounts.language import language_of_socket
from portal.accounts.sessions import actor_of_session
from portal.chat.watch import news
from portal.chat.watch import watch as conversations
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.declare import declares
from portal.core.errors import AppError, Invalid, NotFound, RateLimited
from portal.core.metrics import SOCKETS
from portal.core.threads import in_database_thread
from portal.departments.watch import watch
from portal.notices.watch import watch as notices
from portal.runs.access import refusal_of, runs_still_visible
from portal.runs.stream import hub
from portal.workspace.socket_audit import SocketAudit, address_of
from portal.workspace.watching import WATCHING, Watching

log = structlog.get_logger(__name__)

CLOSE_NOT_ALLOWED = 4403
CLOSE_TOO_FAST = 4429
MOST_BYTES = 4096
# Rights are looked at this often even if no change was heard of.
RECHECK_SECONDS = 30
# Break-glass ends by the clock, which nobody notifies of; only people with a platform role can have it.
BREAK_GLASS_RECHECK_SECONDS = 2


@declares("stream.connect")
class StreamConsumer(AsyncWebsocketConsumer):
    actor: Actor
    session_key: str

    async def connect(self) -> None:
        self.following: dict[uuid.UUID, asyncio.Task[None]] = {}
        self.telling: set[asyncio.Task[None]] = set()
        self.changed = asyncio.Event()
        self.guard: asyncio.Task[None] | None = None
        self.allowance = float(live.whole_number("socket_messages_at_once"))
        self.counted_at = time.monotonic()
        self.counted = False
        self.audit = SocketAudit(address_of(self.scope))
        self.watching = Watching(self.audit, self.tell, self.note, self.changed.set)
        if not same_origin(self.scope):
            await self.note(self.audit.turned_away, "origin")
            await self.close()
            return
        self.session_key = session_cookie(self.scope)
        self.actor = await in_database_thread(actor_of_session, self.session_key)
        if not self.actor.is_person:
            await self.note(self.audit.turned_away, "not signed in")
            await self.close()
            return
        try:
            await in_database_thread(self.audit.connected, self.actor)
        except (DatabaseError, PoolTimeout) as problem:
            log.error("audit.not_recorded", action="stream.connect", error=type(problem).__name__)
            await self.close()
            return
        # Of this connection's task, and of those that it starts.
        translation.activate(
            await in_database_thread(language_of_socket, self.actor, header(self.scope, b"accept-language"))
        )
        await self.accept()
        SOCKETS.inc()
        self.counted = True
        self.guard = asyncio.create_task(self.keep_checking())
        watch.add(self.on_rights)
        notices.add(self.on_notice)
        conversations.add(self.on_conversation)
        news.add(self.watching.heard)

    async def disconnect(self, code: int) -> None:
        watch.remove(self.on_rights)
        notices.remove(self.on_notice)
        conversations.remove(self.on_conversation)
        news.remove(self.watching.heard)
        if self.counted:
            SOCKETS.dec()
        tasks = [*self.following.values(), *self.telling, *([self.guard] if self.guard else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.watching.close()
        raise StopConsumer

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.within_rate():
            error = RateLimited(_("Too many messages on this socket."))
            await self.refuse(error)
            await self.close(CLOSE_TOO_FAST)
            await self.note(self.audit.refused, self.actor, error, None)
            return
        run: uuid.UUID | None = None
        try:
            message = parse(text_data)
            if message["type"] in WATCHING:
                await self.watching.obey(self.actor, message)
                return
            run = run_id(message)
            await self.obey(message, run)
        except AppError as error:
            await self.refuse(error, run)
            await self.note(self.audit.refused, self.actor, error, run)

    async def note(self, work: Callable[..., None], *args: Any) -> None:
        """Tell the journal of a refusal, which stands whether it can be written or not."""
        try:
            await in_database_thread(work, *args)
        except (DatabaseError, PoolTimeout) as problem:
            log.error("audit.not_recorded", action="stream.connect", error=type(problem).__name__)

    async def obey(self, message: dict[str, Any], run: uuid.UUID) -> None:
        if message["type"] == "unfollow":
            self.drop(run)
            return
        after = message.get("after", 0)
        if type(after) is not int or not 0 <= after < 2**31:
            raise Invalid(_("`after` must be the number of an event, 0 or more."), details={"field": "after"})
        most = live.whole_number("socket_runs")
        if len(self.following) >= most and run not in self.following:
            raise Invalid(
                ngettext("A socket follows at most %(most)s run.", "A socket follows at most %(most)s runs.", most)
                % {"most": most},
                code="too_many_runs",
            )
        self.drop(run)
        self.following[run] = asyncio.create_task(self.pass_on(run, after))

    async def pass_on(self, run: uuid.UUID, after: int) -> None:
        try:
            async for group in hub().follow(run, after, partial(self.audit.follow, self.actor, run)):
                for item in group:
                    await self.send(text_data=item.frame)
        except AppError as error:
            # Whoever takes the run out of the list tells of it: the check of changed rights may have come first.
            if self.following.pop(run, None):
                await self.refuse(error, run)
        else:
            # Not where it was cancelled: another task may follow the run by now.
            self.following.pop(run, None)

    def drop(self, run: uuid.UUID) -> None:
        task = self.following.pop(run, None)
        if task:
            task.cancel()

    def within_rate(self) -> bool:
        now = time.monotonic()
        earned = (now - self.counted_at) * live.whole_number("socket_messages_a_second")
        self.counted_at = now
        self.allowance = min(live.whole_number("socket_messages_at_once"), self.allowance + earned) - 1
        return self.allowance >= 0

    def on_rights(self, _: str) -> None:
        self.changed.set()

    def on_notice(self, person: str) -> None:
        """A doorbell: the page asks for what it has not shown yet."""
        if person == str(self.actor.id):
            self.tell('{"type":"notice"}')

    def on_conversation(self, payload: str) -> None:
        """Another doorbell: of one of the person's conversations title or place are new, or it is gone."""
        person, _, conversation = payload.partition(" ")
        if person == str(self.actor.id):
            self.tell(f'{{"type":"conversation","conversation":"{conversation}"}}')

    def tell(self, frame: str) -> None:
        task = asyncio.create_task(self.send(text_data=frame))
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)

    async def keep_checking(self) -> None:
        """End what is no longer allowed, at each change of rights and once in a while."""
        while True:
            # A platform role may be given or taken meanwhile.
            pause = BREAK_GLASS_RECHECK_SECONDS if self.actor.has_platform_role else RECHECK_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), pause)
            self.changed.clear()
            try:
                await self.check_again()
            except (DatabaseError, PoolTimeout) as error:
                log.warning("socket.not_checked", error=type(error).__name__)
                await self.close(CLOSE_NOT_ALLOWED)

    async def check_again(self) -> None:
        actor = await in_database_thread(actor_of_session, self.session_key)
        if not actor.is_person:
            for run in set(self.following):
                self.drop(run)
            # First: with the socket goes the task that notes it.
            await self.note(self.audit.closed, self.actor)
            await self.close(CLOSE_NOT_ALLOWED)
            return
        self.actor = actor
        await self.watching.check_again(actor)
        followed = set(self.following)
        if not followed:
            return
        for run in followed - await in_database_thread(runs_still_visible, actor, followed):
            if run in self.following:
                self.drop(run)
                await self.note(self.audit.ended, actor, run)
                await self.refuse(await in_database_thread(refusal_of, actor, run), run)

    async def refuse(self, error: AppError, run: uuid.UUID | None = None) -> None:
        frame: dict[str, Any] = {"type": "error", "code": error.code, "message": error.message}
        if run:
            frame["run"] = str(run)
        await self.send(text_data=orjson.dumps(frame).decode())


def parse(text: str | None) -> dict[str, Any]:
    """Raises Invalid."""
    if text is None or len(text) > MOST_BYTES:
        raise Invalid(_("A message is JSON text of at most %(most_bytes)s bytes.") % {"most_bytes": MOST_BYTES})
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Invalid(_("The message is not JSON."), code="not_json") from None
    if not isinstance(message, dict) or message.get("type") not in ("follow", "unfollow", *WATCHING):
        raise Invalid(_('A message is {"type": "follow" or "unfollow", "run": id}.'))
    return message


def run_id(message: dict[str, Any]) -> uuid.UUID:
    """Raises NotFound, as for any other run that is not there."""
    try:
        return uuid.UUID(message["run"])
    except (KeyError, ValueError, AttributeError, TypeError):
        raise NotFound from None


def same_origin(scope: dict[str, Any]) -> bool:
    """Only pages of the appliance itself may open a socket: Host must be one of ours, and Origin the very same place.

    Browsers leave the standard port out of both headers, so the two can be compared as they are.
    """
    host = header(scope, b"host").lower()
    scheme = "https" if settings.HTTPS else "http"
    return is_ours(host) and header(scope, b"origin").lower() == f"{scheme}://{host}"


def is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def session_cookie(scope: dict[str, Any]) -> str:
    return parse_cookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, "")


def header(scope: dict[str, Any], name: bytes) -> str:
    """The value of a header that came once; of one that came twice, none."""
    values = [value for given, value in scope["headers"] if given == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""
