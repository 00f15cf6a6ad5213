"""Noting the journal's head outside the database, where its owner cannot take it back."""

import datetime

from django.conf import settings
from django.db import transaction

from portal.audit.checkpoints import Checkpoints, Pen, appending
from portal.audit.heads_copy import copy_lines
from portal.audit.journal import Target, record
from portal.audit.selectors import checkpoints_begun, current_head
from portal.audit.standing import update_standing
from portal.core.actor import Actor

CHECKPOINTS = Target("journal", "checkpoints")


class CannotNote(Exception):
    """The head was not noted; the text says why, and what it may mean."""


def note_head(actor: Actor) -> None:
    """Append the head to the file of checkpoints where it has moved. The first time, begin the file.

    Raises:
        CannotNote: a file was begun and is not here, or the journal went back behind its last checkpoint.
        ChangedFile: the file's end was changed.
        OSError: the file cannot be written.
    """
    if not Checkpoints(settings.AUDIT_HEADS) and checkpoints_begun():
        # A new file would hide that the old one was taken away, or that this machine is not the one that keeps it.
        raise CannotNote(f"the file of checkpoints {settings.AUDIT_HEADS} was begun and is not here")
    with appending(settings.AUDIT_HEADS) as pen:
        _note(actor, pen)
        _published(pen)


def begin_checkpoints(actor: Actor) -> None:
    """Begin another file after the old one was lost; the journal keeps that it was begun. Raises as ``note_head``."""
    if Checkpoints(settings.AUDIT_HEADS):
        raise CannotNote(f"there is a file of checkpoints already: {settings.AUDIT_HEADS}")
    with appending(settings.AUDIT_HEADS) as pen:
        _note(actor, pen)
        _published(pen)


def _note(actor: Actor, pen: Pen) -> None:
    # Read under the file's lock, so it cannot be older than the last line.
    head, last = current_head(), pen.last
    if last is None:
        if head is not None and head.seq:
            pen.append(head.seq, head.hash)
            with transaction.atomic():
                record(actor, "audit.begin", CHECKPOINTS)
        return
    if head is None or head.seq < last.seq or (head.seq == last.seq and head.hash != last.hash):
        raise CannotNote(f"the journal went back behind row {last.seq}, its last checkpoint; run `audit verify`")
    if head.seq > last.seq:
        pen.append(head.seq, head.hash)


def _published(pen: Pen) -> None:
    """What was noted is known elsewhere, too."""
    if settings.AUDIT_HEADS_SECOND is not None:
        copy_lines(settings.AUDIT_HEADS, settings.AUDIT_HEADS_SECOND)
    if pen.last is not None:
        update_standing(noted_seq=pen.last.seq, noted_at=datetime.datetime.fromisoformat(pen.last.at))
