"""The door to conversations: one's own, for as long as one may use their workspace."""

import uuid

from portal.chat.choices import Author
from portal.chat.models import Conversation, Message
from portal.core.actor import Actor
from portal.core.errors import NotFound


def conversation_for_view(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Raises NotFound."""
    found = (
        Conversation.objects.visible_to(actor)
        .select_related("workspace__department", "head__run")
        .filter(pk=conversation_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def answer_for_regenerate(conversation: Conversation, message_id: uuid.UUID) -> Message:
    """An answer of the model in this conversation. Raises NotFound."""
    found = conversation.messages.select_related("parent", "run").filter(pk=message_id, author=Author.MODEL).first()
    if found is None:
        raise NotFound
    return found
