"""Asking for access to sealed conversations, deciding about it and ending it; what it opens is read where it lies."""

import uuid

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.api.cursor import decode_cursor, encode_cursor
from portal.api.present import conversation_out
from portal.api.shapes import BreakGlassIn, BreakGlassOut, ConversationOut, DecisionIn, Error, Page
from portal.chat.break_glass.models import BreakGlass
from portal.chat.break_glass.requests import Scope, ask_for_access, decide, end
from portal.chat.break_glass.selectors import active_among, requests, requests_before, unsealed
from portal.core.declare import declares

router = Router()

PAGE = 30
REFUSALS = {400: Error, 401: Error, 403: Error, 404: Error, 409: Error, 413: Error, 415: Error, 503: Error}


@router.get("", response={200: Page[BreakGlassOut], **REFUSALS})
@declares("break_glass.list")
def list_requests(request: HttpRequest, cursor: str = "") -> Page[BreakGlassOut]:
    found = requests(actor_of(request))
    if cursor:
        found = requests_before(found, *decode_cursor(cursor))
    rows = list(found[: PAGE + 1])
    more = encode_cursor(rows[PAGE - 1].asked_at, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return Page(items=shown(rows[:PAGE]), next=more)


@router.post("", response={201: BreakGlassOut, **REFUSALS})
@declares("break_glass.ask")
def ask(request: HttpRequest, body: BreakGlassIn) -> Status[BreakGlassOut]:
    scope = Scope(body.workspace, body.person, body.conversation)
    made = ask_for_access(actor_of(request), scope, body.reason, body.hours)
    return Status(201, one(request, made))


@router.post("/{uuid:break_glass_id}/decision", response={200: BreakGlassOut, **REFUSALS})
@declares("break_glass.approve")
def decision(request: HttpRequest, break_glass_id: uuid.UUID, body: DecisionIn) -> BreakGlassOut:
    return one(request, decide(actor_of(request), break_glass_id, approve=body.decision == "approve"))


@router.post("/{uuid:break_glass_id}/end", response={200: BreakGlassOut, **REFUSALS})
@declares("break_glass.end")
def end_access(request: HttpRequest, break_glass_id: uuid.UUID) -> BreakGlassOut:
    """End an access before its time; of one's own request that nobody has decided: withdraw it."""
    return one(request, end(actor_of(request), break_glass_id))


@router.get("/{uuid:break_glass_id}/conversations", response={200: Page[ConversationOut], **REFUSALS})
@declares("break_glass.read")
def list_unsealed(request: HttpRequest, break_glass_id: uuid.UUID) -> Page[ConversationOut]:
    """What one's own active access opens."""
    _, found = unsealed(actor_of(request), break_glass_id)
    return Page(items=[conversation_out(item) for item in found])


def one(request: HttpRequest, changed: BreakGlass) -> BreakGlassOut:
    return shown(list(requests(actor_of(request)).filter(pk=changed.pk)))[0]


def shown(rows: list[BreakGlass]) -> list[BreakGlassOut]:
    active = active_among(rows)
    return [
        BreakGlassOut(
            id=row.pk,
            asker=row.asker.username,
            reason=row.reason,
            hours=row.hours,
            workspace=row.workspace_id,
            person=row.owner_id,
            conversation=row.conversation_id,
            asked_at=row.asked_at,
            decision=row.decision,
            decided_by=row.decided_by.username if row.decided_by else "",
            decided_at=row.decided_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            is_active=row.pk in active,
        )
        for row in rows
    ]
