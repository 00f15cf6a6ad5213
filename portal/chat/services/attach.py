"""Attaching files to a question, in the transaction of the question."""

import uuid
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.journal import Act, Target
from portal.chat.models import Attachment, Conversation, Message
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import Conflict, Invalid, NotFound
from portal.files.choices import FileState
from portal.files.models import File


def files_to_attach(actor: Actor, conversation: Conversation, file_ids: Sequence[uuid.UUID]) -> list[File]:
    """One's own that wait for a question, and those that the conversation has already; locked, in the given order.

    Raises:
        NotFound: one of them is missing, or not the actor's to attach here.
        Conflict: one is not read yet, or cannot be.
        Invalid: there are too many, or one twice.
    """
    if not file_ids:
        return []
    most = live.whole_number("files_of_question")
    if len(file_ids) > most:
        raise Invalid(
            ngettext("A question takes at most %(most)s file.", "A question takes at most %(most)s files.", most)
            % {"most": most},
            code="too_many_files",
            details={"limit": most},
        )
    if len(set(file_ids)) < len(file_ids):
        raise Invalid(_("A file is named twice."), code="file_twice")
    own = Q(attached_at=None, owner_id=actor.person_id)
    here = Q(pk__in=Attachment.objects.filter(message__conversation=conversation).values("file"))
    visible = File.objects.allowed(actor, "conversation.view").filter(own | here)
    found = visible.select_for_update(of=("self",)).in_bulk(file_ids)
    if len(found) < len(file_ids):
        raise NotFound(_("One of the files is not there any more. Add it again."), code="file_missing")
    for file in found.values():
        _refuse_unread(file)
    return [found[pk] for pk in file_ids]


def attach(message: Message, files: Sequence[File]) -> None:
    """From now on who may read the conversation may read them; they go where it goes, and with it."""
    rows = [Attachment(message=message, file=file, position=index) for index, file in enumerate(files)]
    Attachment.objects.bulk_create(rows)
    message.files_sent = files
    workspace = message.conversation.workspace_id
    for file in files:
        if file.attached_at is None or file.workspace_id != workspace:
            file.attached_at, file.workspace_id = now(), workspace
            file.save(update_fields=["attached_at", "workspace"])


def attaching_acts(files: Sequence[File], conversation: Conversation) -> list[Act]:
    return [
        Act("file.attach", Target("file", file.pk), details={"conversation": str(conversation.pk)}) for file in files
    ]


def attached_to(message: Message) -> list[uuid.UUID]:
    """The message is given its files as well."""
    message.files_sent = [part.file for part in message.attachments.select_related("file").order_by("position")]
    return [file.pk for file in message.files_sent]


def _refuse_unread(file: File) -> None:
    if file.state == FileState.FAILED:
        raise Conflict(
            _("“%(file)s” could not be read. Remove it, then ask.") % {"file": file.name},
            code="file_failed",
            details={"file": str(file.pk)},
        )
    if file.state != FileState.READY:
        raise Conflict(
            _("“%(file)s” is still being read. Wait a moment, then ask.") % {"file": file.name},
            code="file_not_ready",
            details={"file": str(file.pk)},
        )
