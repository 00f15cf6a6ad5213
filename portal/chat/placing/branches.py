"""Showing the branch in which a message stands."""

import uuid

from django.db import connection, transaction

from portal.audit.journal import Target, record
from portal.chat.access import may_ask, refuse_unseen
from portal.chat.models import Conversation
from portal.core.actor import Actor
from portal.core.errors import Conflict, Forbidden, NotFound
from portal.runs.models import Run

# The newest message below the given one that has none below it.
_LEAF = """
WITH RECURSIVE below AS (
    SELECT id, created_at FROM chat_message WHERE id = %(message)s AND conversation_id = %(conversation)s
    UNION ALL
    SELECT message.id, message.created_at FROM chat_message message JOIN below ON message.parent_id = below.id
)
SELECT id FROM below WHERE NOT EXISTS (SELECT FROM chat_message WHERE parent_id = below.id)
ORDER BY created_at DESC, id LIMIT 1
"""


@transaction.atomic
def show_branch_of(actor: Actor, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Conversation:
    """The branch of a message becomes the one that is shown, to its newest end.

    Raises:
        NotFound, Sealed: the actor does not see the conversation, or it has no such message.
        Forbidden: he may not ask in it, and so not say what others see of it.
        Conflict: an answer is being written.
    """
    refuse_unseen(actor, conversation_id)
    conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
    if not may_ask(actor, conversation):
        raise Forbidden("You may read this conversation, but not ask in it.")
    with connection.cursor() as cursor:
        cursor.execute(_LEAF, {"message": message_id, "conversation": conversation.pk})
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    if row[0] != conversation.head_id:
        if Run.objects.unfinished().filter(message__conversation=conversation).exists():
            raise Conflict("The last answer is still being written. Stop it first, or wait.", code="still_answering")
        conversation.head_id = row[0]
        conversation.save(update_fields=["head"])
    record(actor, "conversation.change", Target("conversation", conversation.pk), details={"changed": ["branch"]})
    return conversation
