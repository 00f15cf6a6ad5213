"""The door to files."""

import uuid
from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.scene import because
from portal.core.actor import Actor
from portal.core.errors import Conflict, Forbidden, NotFound, Sealed
from portal.departments.access import workspace_for_view
from portal.departments.models import Workspace
from portal.files.models import File

SealedReading = Callable[[Actor, File], None]
"""Records that a file is read under break-glass, in the caller's transaction; what it raises refuses it."""

_readings: list[SealedReading] = []


def register_sealed_reading(note: SealedReading) -> None:
    _readings.append(note)


def file_for_view(actor: Actor, file_id: uuid.UUID) -> File:
    """For reading. Under break-glass that is recorded first.

    Raises:
        NotFound: it is missing, or not visible to the actor.
        Sealed: it is there, and he administers what it is in.
    """
    visible = File.objects.allowed(actor, "conversation.view")
    found = visible.with_reason(actor).filter(pk=file_id).first() if actor.is_person else None
    if found is None:
        return _read_sealed(actor, file_id)
    because(found.allowed_by)
    return found


def file_for_removal(actor: Actor, file_id: uuid.UUID) -> File:
    """One's own, which is not attached yet. Raises as ``file_for_view`` does, and Forbidden, Conflict."""
    found = file_for_view(actor, file_id)
    if found.owner_id != actor.id:
        raise Forbidden
    if found.attached_at is not None:
        raise Conflict(
            _("This file belongs to a question that was asked. It goes with its conversation."), code="attached"
        )
    return found


def workspace_for_upload(actor: Actor, workspace_id: uuid.UUID | None) -> Workspace:
    """The named workspace, or the first that one may ask in. Raises NotFound; Forbidden where one may not ask."""
    askable = Workspace.objects.visible_to(actor).allowed(actor, "message.ask").order_by("department__path", "name")
    if workspace_id is not None:
        workspace_for_view(actor, workspace_id)
        askable = askable.filter(pk=workspace_id)
    found = askable.with_reason(actor, "message.ask").first() if actor.is_person else None
    if found is None:
        raise Forbidden(_("Files are for questions, and you may not ask any here."))
    because(found.allowed_by)
    return found


def _read_sealed(actor: Actor, file_id: uuid.UUID) -> File:
    if actor.has_platform_role:
        with transaction.atomic():
            found = File.objects.unsealed_for(actor.person_id).filter(pk=file_id).first()
            if found is not None:
                for note in _readings:
                    note(actor, found)
                return found
    if actor.is_platform_administrator and File.objects.filter(pk=file_id).exists():
        raise Sealed(details={"file": str(file_id)})
    raise NotFound
