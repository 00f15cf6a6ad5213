"""Placing and releasing legal holds. What a hold covers is guarded by triggers, not by those who delete."""

import uuid

from django.db import connection, transaction
from django.utils.translation import gettext_lazy

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import Conflict, NotFound
from portal.core.text import clean_text
from portal.departments.models import Department, Workspace
from portal.retention.access import require_hold_rights
from portal.retention.guards import LOCK
from portal.retention.models import Hold, HoldKind


class Held(Conflict):
    code = "held"
    default_message = gettext_lazy("A legal hold covers this. Nothing was deleted.")


@transaction.atomic
def place_hold(actor: Actor, place: Department | Workspace | User, reason: str) -> Hold:
    """Keep whatever is stored there, or of that person, until the hold is released.

    Deletions that are under way are finished first.

    Raises:
        Forbidden: the actor may not, or is the person who would be held.
        Invalid, TooLarge: the reason.
    """
    require_hold_rights(actor, place.pk if isinstance(place, User) else None)
    _alone()
    hold = Hold(
        kind=_kind(place),
        place_id=place.pk,
        department=place if isinstance(place, Department) else None,
        workspace=place if isinstance(place, Workspace) else None,
        person=place if isinstance(place, User) else None,
        reason=clean_text(reason, limit=300, name="reason"),
        placed_by_id=actor.id,
        placed_at=now(),
    )
    hold.save(force_insert=True)
    record(actor, "hold.place", Target("hold", hold.pk), details={"kind": hold.kind, "place": str(place.pk)})
    return hold


@transaction.atomic
def release_hold(actor: Actor, hold_id: uuid.UUID) -> Hold:
    """Releasing twice changes nothing. Raises Forbidden, NotFound."""
    _alone()
    hold = Hold.objects.filter(pk=hold_id).first()
    if hold is None:
        raise NotFound
    require_hold_rights(actor, hold.person_id)
    if hold.released_at is None:
        hold.released_by_id, hold.released_at = actor.id, now()
        hold.save(update_fields=["released_by", "released_at"])
        details = {"kind": hold.kind, "place": str(hold.place_id)}
        record(actor, "hold.release", Target("hold", hold.pk), details=details)
    return hold


def wait_for_holds() -> None:
    """From here to the end of the transaction no hold begins; what was placed before is seen by the next statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])


def _alone() -> None:
    """As the trigger of a hold's row would, but before anything else is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _kind(place: Department | Workspace | User) -> HoldKind:
    if isinstance(place, Department):
        return HoldKind.DEPARTMENT
    return HoldKind.WORKSPACE if isinstance(place, Workspace) else HoldKind.PERSON
