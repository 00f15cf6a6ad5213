"""The branches of a conversation, and answers that go on where they broke off."""

import uuid

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.api.present import asked_out, conversation_out, message_out
from portal.api.refusals import REFUSALS
from portal.api.shapes import AskedOut, ConversationOut, HeadIn, MessageOut, Page
from portal.chat.access import conversation_for_view
from portal.chat.branches import sibling_messages
from portal.chat.services.ask import continue_answer
from portal.chat.services.switch import switch_branch
from portal.core.declare import declares

router = Router()


@router.get("/{uuid:conversation_id}/messages/{uuid:message_id}/siblings", response={200: Page[MessageOut], **REFUSALS})
@declares("conversation.view")
def list_siblings(request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Page[MessageOut]:
    """The message and those beside it, oldest first."""
    found = sibling_messages(conversation_for_view(actor_of(request), conversation_id), message_id)
    ids = [message.pk for message in found]
    return Page(items=[message_out(message, ids) for message in found])


@router.post("/{uuid:conversation_id}/head", response={200: ConversationOut, **REFUSALS})
@declares("branch.switch")
def show_branch(request: HttpRequest, conversation_id: uuid.UUID, body: HeadIn) -> ConversationOut:
    """Show the branch that goes through the message, to its newest end."""
    return conversation_out(switch_branch(actor_of(request), conversation_id, body.message))


@router.post("/{uuid:conversation_id}/messages/{uuid:message_id}/continue", response={202: AskedOut, **REFUSALS})
@declares("message.continue")
def go_on(request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Status[AskedOut]:
    """Go on with an answer that was stopped, failed, or reached its length; the whole stands beside the part."""
    return Status(202, asked_out(continue_answer(actor_of(request), conversation_id, message_id)))
