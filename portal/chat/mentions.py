"""Telling people that they were mentioned: those who may read the conversation, and nobody else.

Whom one names is an id from the list of readers. An id of nobody, or of somebody who may not read the conversation, is
passed over in silence: the answer says who was told, and no more of anybody else.
"""

import uuid
from collections.abc import Collection

from portal.chat.models import Comment, Conversation, Message
from portal.chat.sharing.selectors import readers_among
from portal.chat.telling import MENTIONED
from portal.core.actor import Actor
from portal.notices.services import tell


def tell_mentioned(
    actor: Actor,
    conversation: Conversation,
    message: Message,
    people: Collection[uuid.UUID],
    comment: Comment | None = None,
) -> list[uuid.UUID]:
    """In the caller's transaction. Who knows of this message or comment already is not told again."""
    wanted = set(people) - {actor.person_id}
    if not wanted:
        return []
    readers = list(readers_among(conversation, wanted).values_list("pk", flat=True))
    body = {"conversation": str(conversation.pk), "message": str(message.pk), "by": str(actor.person_id)}
    if comment is not None:
        body["comment"] = str(comment.pk)
    tell(readers, MENTIONED, comment.pk if comment else message.pk, body)
    return readers
