"""Taking in a file, piece by piece, so that no request is large and a lost connection costs one piece."""

import uuid

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit.journal import Target, record
from portal.audit.scene import because
from portal.chat.imports import files
from portal.chat.imports.choices import UNFINISHED, ImportState
from portal.chat.imports.models import Import
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import Conflict, Invalid, NotFound, TooLarge, Unavailable
from portal.core.jobs import send_now
from portal.core.text import storable
from portal.departments.access import workspace_for_conversation

JOB = "imports.execute"
MEGABYTE = 1024**2
PIECE = 8 * MEGABYTE
LONGEST_NAME = 120


def piece_size() -> int:
    """The most bytes that one request brings."""
    return min(PIECE, int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))


def start_import(actor: Actor, workspace_id: uuid.UUID, name: str, size: int) -> Import:
    """An import into a workspace, whose file is to come.

    Raises:
        NotFound: the actor may not open the workspace.
        Forbidden: he may not start a conversation in it.
        Invalid, TooLarge: the file is empty, or larger than the live setting allows.
        Conflict: an import of his is not over.
    """
    limit = live.whole_number("import_size")
    if size < 1:
        raise Invalid(_("The file is empty."), code="empty_file", details={"field": "size"})
    if size > limit * MEGABYTE:
        raise TooLarge(
            _("The file is too large: %(size)s MB, at most %(limit)s.")
            % {"size": f"{size / MEGABYTE:,.0f}", "limit": f"{limit:,}"},
            details={"field": "size", "limit": limit * MEGABYTE},
        )
    try:
        with transaction.atomic():
            workspace = workspace_for_conversation(actor, workspace_id, asking=False)
            shown = " ".join(storable(name[: LONGEST_NAME * 40]).split())[:LONGEST_NAME] or "export"
            begun = Import.objects.create(
                owner_id=actor.person_id, workspace=workspace, name=shown, size=size, received_at=now()
            )
            record(actor, "conversation.import", Target("import", begun.pk), details={"change": "begun", "bytes": size})
    except IntegrityError:
        raise Conflict(_("One import at a time: wait for the other, or cancel it."), code="import_running") from None
    return begun


def receive(actor: Actor, import_id: uuid.UUID, offset: int, piece: bytes) -> Import:
    """The next piece of the file; with the last one the import is queued.

    Raises:
        NotFound: there is no such import of the actor's.
        Conflict: another piece is due (``details.received`` says from where), or the file is complete.
        Invalid, TooLarge: the piece is empty, or reaches beyond the file's end.
        Unavailable: there is no room to store it.
    """
    with transaction.atomic():
        found = _locked(actor, import_id)
        if found.state != ImportState.RECEIVING:
            raise Conflict(_("This file is complete."), code="complete", details={"received": found.received})
        if offset != found.received:
            raise Conflict(_("Another piece is due."), code="wrong_place", details={"received": found.received})
        if not piece:
            raise Invalid(_("The piece is empty."), code="empty")
        if len(piece) > piece_size() or found.received + len(piece) > found.size:
            raise TooLarge(
                _("The piece is too large."), details={"limit": min(piece_size(), found.size - found.received)}
            )
        try:
            files.write_at(found.pk, offset, piece)
        except OSError:
            raise Unavailable(_("The appliance has no room for this file at present."), code="no_room") from None
        found.received += len(piece)
        found.received_at = now()
        if found.received == found.size:
            found.state = ImportState.QUEUED
            record(actor, "conversation.import", Target("import", found.pk), details={"change": "received"})
            ring_on_commit(found.pk)
        found.save(update_fields=["received", "received_at", "state"])
    return found


@transaction.atomic
def cancel_import(actor: Actor, import_id: uuid.UUID) -> Import:
    """Conversations that are imported stay. Cancelling twice, or what is over, changes nothing. Raises NotFound."""
    found = _locked(actor, import_id)
    if found.state not in UNFINISHED or found.cancel_requested_at is not None:
        return found
    found.cancel_requested_at = now()
    if found.state != ImportState.RUNNING:
        found.state, found.finished_at = ImportState.CANCELLED, now()
        transaction.on_commit(lambda: files.remove(import_id))
    found.save(update_fields=["cancel_requested_at", "state", "finished_at"])
    record(actor, "import.cancel", Target("import", found.pk), details={"imported": found.imported})
    return found


def ring_on_commit(import_id: uuid.UUID) -> None:
    transaction.on_commit(lambda: send_now(JOB, {"import_id": str(import_id)}, "background"))


def _locked(actor: Actor, import_id: uuid.UUID) -> Import:
    found = Import.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=import_id).first()
    if found is None:
        raise NotFound
    because("owner")
    return found
