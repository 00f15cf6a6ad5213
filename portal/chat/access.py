"""The door to conversations: one's own, for as long as one may use their workspace."""

import uuid
from collections.abc import Set

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from portal.audit.scene import because
from portal.chat.break_glass.reading import read_sealed, refuse_sealed
from portal.chat.choices import Author
from portal.chat.models import Conversation, ConversationQuerySet, Message
from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound
from portal.core.prepared import VisibleRow
from portal.departments.models import Workspace

_visible = VisibleRow(lambda actor, pk: Conversation.objects.visible_to(actor).filter(pk=pk).order_by())
_to_show = VisibleRow(
    lambda actor, pk: (
        Conversation.objects.visible_to(actor).filter(pk=pk).order_by().annotate(askable=Exists(_askable(actor)))
    )
)


def _askable(actor: Actor) -> ConversationQuerySet:
    return Conversation.objects.allowed(actor, "message.ask").filter(pk=OuterRef("pk"))


def conversation_for_view(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """For reading. Under break-glass the reading is recorded first, and ``unsealed_by`` says under which request.

    Raises:
        NotFound: it is missing, or not visible to the actor.
        Sealed: it is there, and he administers what it is in.
    """
    # Rights alone: the prepared query knows no platform role.
    return _opened(actor, conversation_id, _visible.get(actor, conversation_id))


def conversation_to_show(actor: Actor, conversation_id: uuid.UUID) -> tuple[Conversation, bool]:
    """As ``conversation_for_view`` does, and whether the actor may ask in it, in no more statements."""
    seen = _to_show.get(actor, conversation_id)
    return _opened(actor, conversation_id, seen), bool(seen and getattr(seen, "askable", False))


def _opened(actor: Actor, conversation_id: uuid.UUID, seen: Conversation | None) -> Conversation:
    rows = Conversation.objects.select_related(
        "workspace__department", "workspace__instructions", "head__run", "owner"
    ).with_sharing()
    # The row may go between the two queries.
    found = rows.filter(pk=conversation_id).first() if seen else None
    if found is None:
        return read_sealed(actor, conversation_id, rows)
    because_of_owner(actor, found)
    return found


def because_of_owner(actor: Actor, conversation: Conversation) -> None:
    """Where a right opened it: whoever does not own it was given it."""
    because("owner" if conversation.owner_id == actor.id else "grant")


def conversation_by_right(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """By right only: break-glass opens for reading, and what is read so is neither taken away nor placed.

    Raises NotFound, Sealed as ``conversation_for_view`` does.
    """
    found = _visible.get(actor, conversation_id)
    if found is None:
        refuse_sealed(actor, conversation_id)
        raise NotFound
    because_of_owner(actor, found)
    return found


def conversation_for_watch(actor: Actor, conversation_id: uuid.UUID) -> bool:
    """Whether he may ask in it, too.

    By right only: under break-glass each reading is an act of its own, on the record, and nothing comes by itself.

    Raises NotFound, Sealed as ``conversation_for_view`` does.
    """
    found = _to_show.get(actor, conversation_id)
    if found is None:
        refuse_sealed(actor, conversation_id)
        raise NotFound
    because_of_owner(actor, found)
    return bool(getattr(found, "askable", False))


def conversations_still_watched(actor: Actor, conversation_ids: Set[uuid.UUID]) -> dict[uuid.UUID, bool]:
    """Those of ``conversation_ids`` that the actor may watch at this moment, with whether he may ask in them."""
    found = Conversation.objects.allowed(actor, "conversation.view").filter(pk__in=conversation_ids).order_by()
    return dict(found.annotate(askable=Exists(_askable(actor))).values_list("pk", "askable"))


def refuse_unseen(actor: Actor, conversation_id: uuid.UUID) -> None:
    """Raises as ``conversation_for_view`` does, and reads nothing."""
    if not Conversation.objects.visible_to(actor).filter(pk=conversation_id).exists():
        refuse_sealed(actor, conversation_id)
        raise NotFound


def answer_for_regenerate(conversation: Conversation, message_id: uuid.UUID) -> Message:
    """An answer of the model in this conversation. Raises NotFound."""
    found = conversation.messages.select_related("parent", "run").filter(pk=message_id, author=Author.MODEL).first()
    if found is None:
        raise NotFound
    return found


def require_sharing(actor: Actor, conversation: Conversation) -> None:
    """Who shares a conversation: its owner, by his right to share in its workspace.

    Raises:
        NotFound, Sealed: the actor does not see it.
        Forbidden: it is another one's, or he may not share.
    """
    if actor.kind == "system":
        return
    refuse_unseen(actor, conversation.pk)
    if conversation.owner_id != actor.id:
        raise Forbidden(_("Only whoever began a conversation shares it."), code="not_the_owner")
    sharable = Workspace.objects.allowed(actor, "conversation.share").filter(pk=conversation.workspace_id)
    if not sharable.exists():
        raise Forbidden(_("You may not share conversations of this workspace."), code="may_not_share")
    because_of_owner(actor, conversation)
