"""Clearing what nobody needs: files that were never attached, and bytes whose row is gone."""

import datetime
import uuid
from itertools import islice

from django.db import IntegrityError, transaction

from portal.audit.journal import Target, record
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.clock import now
from portal.files import storage
from portal.files.models import File
from portal.files.services.removal import remove_bytes, remove_rows

BATCH = 200
# A row comes after its bytes: younger ones may be an upload that is under way.
ORPHAN_SECONDS = 3600


def sweep(actor: Actor) -> int:
    """How many files went. What a legal hold covers stays."""
    limit = now() - datetime.timedelta(seconds=live.seconds("unattached_time"))
    gone = 0
    for pk in File.objects.unattached().filter(created_at__lt=limit).values_list("pk", flat=True)[:BATCH]:
        gone += _remove(actor, pk)
    _remove_orphans()
    return gone


def _remove(actor: Actor, file_id: uuid.UUID) -> bool:
    try:
        with transaction.atomic():
            file = File.objects.select_for_update(skip_locked=True).unattached().filter(pk=file_id).first()
            if file is None:
                return False
            remove_rows([file.pk])
            record(actor, "file.remove", Target("file", file_id), on_behalf_of=file.owner_id)
    except IntegrityError:
        # Under a legal hold.
        return False
    return True


def _remove_orphans() -> None:
    stored = storage.stored_before(ORPHAN_SECONDS)
    while names := list(islice(stored, BATCH)):
        known = set(File.objects.filter(stored_as__in=names).values_list("stored_as", flat=True))
        remove_bytes(set(names) - known)
