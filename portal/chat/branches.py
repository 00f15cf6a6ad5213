"""A conversation is a tree: an edited question stands beside the one it replaces, another answer beside the first.

Messages with the same parent are siblings. Which branch is shown is said by its leaf, the conversation's head.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.utils.translation import gettext as _

from portal.chat.models import Conversation, Message
from portal.core.errors import Invalid, NotFound

Siblings = Mapping[uuid.UUID, Sequence[uuid.UUID]]
"""Of messages: themselves and those beside them, oldest first."""

_CHILDREN = "SELECT id, parent_id, created_at FROM chat_message WHERE parent_id = ANY(%(parents)s)"
_ROOTS = (
    "SELECT id, parent_id, created_at FROM chat_message WHERE conversation_id = %(conversation)s AND parent_id IS NULL"
)

# Down to the newest at each fork: there the reader left off, as far as anybody knows.
_LEAF = """
WITH RECURSIVE below AS (
    SELECT id, 0 AS depth FROM chat_message WHERE id = %s AND conversation_id = %s
    UNION ALL
    SELECT newest.id, below.depth + 1 FROM below CROSS JOIN LATERAL (
        SELECT id FROM chat_message WHERE parent_id = below.id ORDER BY created_at DESC, id DESC LIMIT 1
    ) newest
)
SELECT id FROM below ORDER BY depth DESC LIMIT 1
"""


def siblings_of(conversation: Conversation, messages: Iterable[Message]) -> Siblings:
    """In one query, whatever their number."""
    shown = list(messages)
    if not shown:
        return {}
    parents = [message.parent_id for message in shown if message.parent_id is not None]
    parts = [_CHILDREN, _ROOTS] if len(parents) < len(shown) else [_CHILDREN]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(parts) + " ORDER BY created_at, id",
            {"parents": parents, "conversation": conversation.pk},
        )
        children: dict[uuid.UUID | None, list[uuid.UUID]] = defaultdict(list)
        for pk, parent, _ in cursor.fetchall():
            children[parent].append(pk)
    return {message.pk: children[message.parent_id] for message in shown}


def sibling_messages(conversation: Conversation, message_id: uuid.UUID) -> list[Message]:
    """The message and those beside it, oldest first.

    Raises:
        NotFound: it is not a message of this conversation.
    """
    message = conversation.messages.filter(pk=message_id).first()
    if message is None:
        raise NotFound
    beside = conversation.messages.filter(parent_id=message.parent_id).select_related("run__engine")
    return list(beside.order_by("created_at", "id"))


def leaf_below(conversation: Conversation, message_id: uuid.UUID) -> uuid.UUID:
    """The end of the branch that goes through the message.

    Raises:
        Invalid: it is not a message of this conversation.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LEAF, [message_id, conversation.pk])
        found = cursor.fetchone()
    if found is None:
        raise unknown_message()
    leaf: uuid.UUID = found[0]
    return leaf


def unknown_message() -> Invalid:
    return Invalid(_("There is no such message here."), code="unknown_message")
