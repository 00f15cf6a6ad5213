"""Reading requests, as someone. What they open is read through ``reading`` and the doors."""

import datetime
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q

from portal.audit.journal import Target, record
from portal.chat.break_glass.models import BreakGlass, BreakGlassQuerySet, BreakGlassRead
from portal.chat.break_glass.requests import require_platform_role
from portal.chat.break_glass.telling import tell_owners
from portal.chat.models import Conversation
from portal.core.actor import Actor
from portal.core.errors import NotFound

WITH_PEOPLE = ("asker", "decided_by", "ended_by", "owner", "workspace__department")
MOST_LISTED = 500


def requests(actor: Actor) -> BreakGlassQuerySet:
    """Newest first. Raises Forbidden: only people with a platform role see them."""
    require_platform_role(actor)
    return BreakGlass.objects.visible_to(actor).select_related(*WITH_PEOPLE).order_by("-asked_at", "-id")


def requests_before(found: BreakGlassQuerySet, at: datetime.datetime, pk: uuid.UUID) -> BreakGlassQuerySet:
    return found.filter(Q(asked_at__lt=at) | Q(asked_at=at, pk__lt=pk))


def request(actor: Actor, request_id: uuid.UUID) -> BreakGlass:
    """Raises Forbidden and NotFound."""
    found = requests(actor).filter(pk=request_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def unsealed(actor: Actor, request_id: uuid.UUID) -> tuple[BreakGlass, list[Conversation]]:
    """An active request of the actor's own and the conversations in its scope, newest first; their titles are content,
    so that this reading is recorded too.

    Raises:
        Forbidden: only people with a platform role have one.
        NotFound: it is another one's, or over.
    """
    own = requests(actor).active().filter(pk=request_id, asker_id=actor.person_id).first()
    if own is None:
        raise NotFound
    found = Conversation.objects.in_scope(own).select_related("owner", "workspace").order_by("-active_at", "-id")
    listed = list(found[:MOST_LISTED])
    details = {"conversations": len(listed)}
    record(actor, "break_glass.read", Target("break_glass", own.pk), reason="break_glass", details=details)
    # Those of conversations that began after the approval do not know yet.
    tell_owners(own, [conversation.owner_id for conversation in listed])
    return own, listed


def active_among(items: list[BreakGlass]) -> set[uuid.UUID]:
    """Of these, the ones that open something at this moment."""
    found: Any = BreakGlass.objects.active().filter(pk__in=[item.pk for item in items]).values_list("pk", flat=True)
    return set(found)


def readings(conversation: Conversation) -> list[BreakGlassRead]:
    """Who read it under break-glass and when, for whoever may read it by right; newest first."""
    found = BreakGlassRead.objects.filter(conversation=conversation).select_related("break_glass__asker")
    return list(found.order_by("-last_at")[:20])
