"""Reading comments, as someone who may read the conversation; under break-glass too."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from portal.accounts.models import User
from portal.chat.access import conversation_for_view
from portal.chat.models import Comment, Conversation
from portal.core.actor import Actor
from portal.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as one person sees it; ``mentions`` are the names of those who were told, by id."""

    comment: Comment
    author: str
    mentions: Mapping[uuid.UUID, str]
    may_change: bool = False
    may_delete: bool = False


def comments_of(actor: Actor, conversation_id: uuid.UUID, message_id: uuid.UUID) -> list[Remark]:
    """Oldest first. Raises NotFound, Sealed."""
    conversation = conversation_for_view(actor, conversation_id)
    if not conversation.messages.filter(pk=message_id).exists():
        raise NotFound
    return remarks(actor, conversation, conversation.comments.filter(message_id=message_id))


def counts(actor: Actor, conversation_id: uuid.UUID) -> Mapping[uuid.UUID, int]:
    """Of the messages that have comments, how many. Raises NotFound, Sealed."""
    conversation = conversation_for_view(actor, conversation_id)
    rows = conversation.comments.order_by().values_list("message").annotate(count=Count("pk"))
    return dict(rows)


def remarks(actor: Actor, conversation: Conversation, found: QuerySet[Comment]) -> list[Remark]:
    rows = list(found.select_related("author").order_by("created_at", "pk"))
    names = names_of({pk for row in rows for pk in row.mentions})
    # Break-glass is for reading only.
    writes = conversation.unsealed_by is None
    return [
        Remark(
            row,
            row.author.display_name(),
            {pk: names[pk] for pk in row.mentions if pk in names},
            may_change=writes and row.author_id == actor.id,
            may_delete=writes and actor.id in (row.author_id, conversation.owner_id),
        )
        for row in rows
    ]


def threads(actor: Actor, conversation: Conversation, messages: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Remark]]:
    """By message, for pages that show all at once; the caller has opened the conversation."""
    found: dict[uuid.UUID, list[Remark]] = {}
    for remark in remarks(actor, conversation, conversation.comments.filter(message__in=list(messages))):
        found.setdefault(remark.comment.message_id, []).append(remark)
    return found


def names_of(people: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    return {item.pk: item.display_name() for item in User.objects.filter(pk__in=people)} if people else {}


def exported(conversation: Conversation) -> dict[uuid.UUID, Sequence[tuple[str, Comment]]]:
    """By message, with the author's name; of a conversation that the caller has opened by right."""
    found: dict[uuid.UUID, list[tuple[str, Comment]]] = {}
    for row in conversation.comments.select_related("author").order_by("created_at", "pk"):
        found.setdefault(row.message_id, []).append((row.author.display_name(), row))
    return dict(found)
