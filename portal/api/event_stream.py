"""`/api/runs/{id}/events`: a run's journal as server-sent events, for programs that have no socket."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from functools import partial

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from psycopg_pool import PoolTimeout

from portal.accounts.sessions import actor_of_session
from portal.api.stream_audit import StreamAudit
from portal.core.declare import declares
from portal.core.error_views import error_response
from portal.core.errors import AppError, Invalid, MethodNotAllowed, NotSignedIn
from portal.core.threads import in_database_thread
from portal.departments.watch import watch
from portal.runs.access import runs_still_visible
from portal.runs.stream import hub
from portal.runs.wire import Published

log = structlog.get_logger(__name__)

KEEP_ALIVE_SECONDS = 15
# Break-glass ends by the clock, which nobody notifies of; only people with a platform role can have it.
BREAK_GLASS_RECHECK_SECONDS = 2
# Python reads no number of thousands of digits.
LONGEST_NUMBER = 10

CutOff = Callable[[str], None]
"""Tells the journal why a stream was ended before its run."""


@declares("run.view")
async def run_events(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse | StreamingHttpResponse:
    if request.method != "GET":
        response = error_response(request, MethodNotAllowed())
        response["Allow"] = "GET"
        return response
    audit = StreamAudit.of(request)
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    try:
        after = start_number(request)
        actor = await in_database_thread(actor_of_session, session)
        if not actor.is_person:
            raise NotSignedIn
        await in_database_thread(audit.admit, actor, run_id)
    except AppError as error:
        return error_response(request, error)
    return StreamingHttpResponse(
        lines(session, run_id, after, partial(audit.ended, actor, run_id), is_clocked=actor.has_platform_role),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def start_number(request: HttpRequest) -> int:
    """The number after which to begin: ``Last-Event-ID`` of a reconnecting client, else ``after``. Raises Invalid."""
    value = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    if not (value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER) or int(value) >= 2**31:
        raise Invalid(_("`after` must be the number of an event, 0 or more."), details={"field": "after"})
    return int(value)


async def lines(
    session: str, run_id: uuid.UUID, after: int, cut_off: CutOff, *, is_clocked: bool
) -> AsyncIterator[bytes]:
    """Ends after the run's last event, and when the right to follow it is gone, which ``cut_off`` is told in a database
    thread; ``is_clocked`` where the right may end by itself."""
    clock = asyncio.get_running_loop().time
    checked_at, pause = clock(), BREAK_GLASS_RECHECK_SECONDS if is_clocked else KEEP_ALIVE_SECONDS
    changed = asyncio.Event()

    def on_rights(_: str) -> None:
        changed.set()

    watch.add(on_rights)
    events = hub().follow(run_id, after)
    pending: asyncio.Task[list[Published]] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(anext(events, []))
            notice = asyncio.ensure_future(changed.wait())
            done, _ = await asyncio.wait({pending, notice}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            notice.cancel()
            if changed.is_set() or (is_clocked and clock() - checked_at >= BREAK_GLASS_RECHECK_SECONDS):
                changed.clear()
                checked_at = clock()
                reason = await refused_for(session, run_id)
                if reason:
                    await note(cut_off, reason)
                    return
            if pending in done:
                group, pending = pending.result(), None
                if not group:
                    return
                yield b"".join(b"id: %d\ndata: %b\n\n" % (item.seq, item.frame.encode()) for item in group)
            elif not done:
                yield b": keep-alive\n\n"
    finally:
        watch.remove(on_rights)
        if pending:
            pending.cancel()
            await asyncio.gather(pending, return_exceptions=True)
        await events.aclose()


async def refused_for(session: str, run_id: uuid.UUID) -> str:
    """Why the run may no longer be followed; empty while it may."""
    actor = await in_database_thread(actor_of_session, session)
    if not actor.is_person:
        return "not signed in"
    return "" if await in_database_thread(runs_still_visible, actor, {run_id}) else "the right was withdrawn"


async def note(cut_off: CutOff, reason: str) -> None:
    """The stream ends whether the journal can be told or not."""
    try:
        await in_database_thread(cut_off, reason)
    except (DatabaseError, PoolTimeout) as problem:
        log.error("audit.not_recorded", action="run.view", error=type(problem).__name__)
