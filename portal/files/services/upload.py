"""Taking files in, and giving them up before they are attached."""

import unicodedata
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.journal import Target, record
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.errors import Conflict, Invalid, TooLarge
from portal.core.jobs import send_now
from portal.core.text import storable
from portal.files import storage
from portal.files.access import file_for_removal, workspace_for_upload
from portal.files.choices import FINAL_STATES
from portal.files.models import File
from portal.files.services.removal import remove_rows

READ_JOB = "files.read"
NAME_LENGTH = 255
MEGABYTE = 1024 * 1024
# What one person may have waiting, so that nobody's uploads keep the others' from being read.
MOST_UNREAD = 40


def upload(actor: Actor, name: str, chunks: Iterable[bytes], size: int, workspace_id: uuid.UUID | None = None) -> File:
    """Keep a file; the workers read it.

    Raises:
        NotFound, Forbidden: the actor may not ask in the workspace.
        Invalid: it is empty.
        TooLarge: more than the limit in force.
        Conflict: too many of the actor's files wait to be read.
    """
    workspace = workspace_for_upload(actor, workspace_id)
    _check_size(size)
    unread = File.objects.filter(owner_id=actor.person_id).exclude(state__in=FINAL_STATES).count()
    if unread >= MOST_UNREAD:
        raise Conflict(
            _("Your other files are still being read. Wait a moment, then add this one."), code="files_waiting"
        )
    file = File(owner_id=actor.person_id, workspace=workspace, name=shown_name(name), stored_as=uuid.uuid4())
    stored = storage.keep(file.stored_as, chunks)
    file.size, file.sha256 = stored.size, stored.sha256
    try:
        with transaction.atomic():
            file.save(force_insert=True)
            details = {"size": file.size, "sha256": file.sha256, "workspace": str(workspace.pk)}
            record(actor, "file.upload", Target("file", file.pk), details=details)
            transaction.on_commit(lambda: send_now(READ_JOB, {"file_id": str(file.pk)}, "background"))
    except BaseException:
        storage.remove(file.stored_as)
        raise
    return file


@transaction.atomic
def remove(actor: Actor, file_id: uuid.UUID) -> None:
    """Raises NotFound, Sealed, Forbidden; Conflict: it is attached, or under a legal hold."""
    file = file_for_removal(actor, file_id)
    remove_rows([file.pk])
    record(actor, "file.remove", Target("file", file_id))


def shown_name(name: str) -> str:
    """The last part of the name that a browser sent, short enough to be shown, with its ending.

    It never names anything on the disk; control characters and what turns the direction of text could make it look
    like another name.
    """
    last = storable(name).replace("\\", "/").rpartition("/")[2]
    plain = "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") else letter for letter in last)
    plain = " ".join(plain.split()) or "file"
    if len(plain) <= NAME_LENGTH:
        return plain
    stem, dot, ending = plain.rpartition(".")
    tail = f"…{dot}{ending}" if stem and len(ending) <= 16 else "…"
    return plain[: NAME_LENGTH - len(tail)] + tail


def _check_size(size: int) -> None:
    limit = live.whole_number("file_limit") * MEGABYTE
    if size > limit:
        raise TooLarge(
            _("This file is larger than %(limit)s MB. Send it in parts.") % {"limit": limit // MEGABYTE},
            code="file_too_large",
            details={"limit": limit, "length": size},
        )
    if size == 0:
        raise Invalid(_("This file is empty."), code="empty")
