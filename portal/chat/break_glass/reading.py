"""Reading under break-glass: no row in the audit journal, no content."""

import uuid

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from portal.audit.journal import Target, record
from portal.audit.scene import because
from portal.chat.break_glass.models import BreakGlass, BreakGlassRead
from portal.chat.break_glass.telling import tell_owners
from portal.chat.models import Conversation, ConversationQuerySet
from portal.core.actor import Actor
from portal.core.errors import NotFound, Sealed
from portal.files.access import register_sealed_reading as register_sealed_file_reading
from portal.files.models import File
from portal.runs.access import register_sealed_reading
from portal.runs.choices import RunKind
from portal.runs.models import Run


def read_sealed(actor: Actor, conversation_id: uuid.UUID, rows: ConversationQuerySet) -> Conversation:
    """The conversation, of ``rows``, to somebody who has no right to it; the reading is recorded first.

    Raises:
        NotFound: it is missing, or not open to him.
        Sealed: it is there, and he administers what it is in.
    """
    if actor.has_platform_role:
        with transaction.atomic():
            found = rows.unsealed_for(actor.person_id).filter(pk=conversation_id).first()
            if found is not None:
                found.unsealed_by = note_reading(actor, found)
                return found
    refuse_sealed(actor, conversation_id)
    raise NotFound


def refuse_sealed(actor: Actor, conversation_id: uuid.UUID) -> None:
    """Raises Sealed where a platform administrator names one that is there."""
    if actor.is_platform_administrator and Conversation.objects.filter(pk=conversation_id).exists():
        raise Sealed(details={"conversation": str(conversation_id)})


def note_reading(actor: Actor, conversation: Conversation) -> BreakGlass:
    """Record that it is being read, in the caller's transaction, and under which request. Raises NotFound.

    The owner is told here too: the conversation may have begun after the request was approved.
    """
    own = BreakGlass.objects.active().filter(asker_id=actor.person_id)
    over = own.over(conversation.pk, conversation.workspace_id, conversation.owner_id)
    unsealed_by = over.select_related("asker", "decided_by", "workspace").order_by("expires_at").last()
    if unsealed_by is None:
        raise NotFound
    because("break_glass")
    details = {"break_glass": str(unsealed_by.pk)}
    record(actor, "break_glass.read", Target("conversation", conversation.pk), reason="break_glass", details=details)
    _, is_first = BreakGlassRead.objects.get_or_create(break_glass=unsealed_by, conversation_id=conversation.pk)
    if is_first:
        tell_owners(unsealed_by, [conversation.owner_id])
    else:
        BreakGlassRead.objects.filter(break_glass=unsealed_by, conversation_id=conversation.pk).update(
            last_at=Now(), times=F("times") + 1
        )
    return unsealed_by


def _follow_sealed(actor: Actor, run: Run) -> None:
    note_reading(actor, Conversation.objects.get(messages__run=run))


register_sealed_reading(RunKind.CHAT, _follow_sealed)


def _read_sealed_file(actor: Actor, file: File) -> None:
    open_now = Conversation.objects.unsealed_for(actor.person_id)
    conversation = open_now.filter(messages__attachments__file=file).order_by("pk").first()
    if conversation is None:
        raise NotFound
    note_reading(actor, conversation)


register_sealed_file_reading(_read_sealed_file)
