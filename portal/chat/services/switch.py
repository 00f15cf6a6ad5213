"""Which branch of a conversation is shown."""

import uuid

from django.db import transaction

from portal.audit.journal import Target, record
from portal.chat.branches import leaf_below
from portal.chat.models import Conversation
from portal.chat.services.ask import locked_for_asking
from portal.chat.services.turns import refuse_while_answering
from portal.chat.watch import tell_news
from portal.core.actor import Actor


@transaction.atomic
def switch_branch(actor: Actor, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Conversation:
    """Show the branch that goes through the message, to its newest end.

    Raises:
        NotFound: the actor may not see the conversation.
        Forbidden: he may only read it.
        Conflict: an answer is being written, and whoever follows it must not lose it.
        Invalid: the message is not one of this conversation.
    """
    conversation = locked_for_asking(actor, conversation_id)
    leaf = leaf_below(conversation, message_id)
    if leaf != conversation.head_id:
        refuse_while_answering(conversation)
        conversation.head_id = leaf
        conversation.save(update_fields=["head"])
        tell_news(conversation.pk, "messages")
    record(actor, "branch.switch", Target("conversation", conversation.pk), details={"message": str(message_id)})
    return conversation
