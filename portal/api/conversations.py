import uuid
from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from portal.accounts.door import actor_of
from portal.api.cursor import decode_cursor, encode_cursor
from portal.api.present import asked_out, conversation_out, message_out
from portal.api.refusals import REFUSALS
from portal.api.shapes import (
    AskedOut,
    ConversationIn,
    ConversationOut,
    MessageOut,
    Page,
    QuestionIn,
    RegenerateIn,
)
from portal.chat.access import conversation_for_view
from portal.chat.branches import leaf_below, siblings_of
from portal.chat.selectors import branch, conversations, conversations_before
from portal.chat.services.ask import Place, Question, ask, check_thinking, regenerate, start_conversation
from portal.core.declare import declares
from portal.core.errors import Invalid

router = Router()

PAGE = 30


def idempotency_key(request: HttpRequest) -> str | None:
    return request.headers.get("Idempotency-Key") or None


@router.get("", response={200: Page[ConversationOut], **REFUSALS})
@declares("conversation.list")
def list_conversations(request: HttpRequest, workspace: uuid.UUID, cursor: str = "") -> Page[ConversationOut]:
    found = conversations(actor_of(request), workspace)
    if cursor:
        found = conversations_before(found, *decode_cursor(cursor))
    rows = list(found[: PAGE + 1])
    more = encode_cursor(rows[PAGE - 1].active_at, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return Page(items=[conversation_out(row) for row in rows[:PAGE]], next=more)


@router.post("", response={201: ConversationOut, 202: AskedOut, **REFUSALS})
@declares("conversation.create")
def create_conversation(request: HttpRequest, body: ConversationIn) -> Status[ConversationOut] | Status[AskedOut]:
    check_thinking(body.thinking)
    key = idempotency_key(request)
    question = None if body.text is None else Question(body.text, body.thinking, key, engine=body.engine)
    conversation, asked = start_conversation(actor_of(request), body.workspace, question, body.title)
    if asked is None:
        return Status(201, conversation_out(conversation))
    return Status(202, asked_out(asked))


@router.get("/{uuid:conversation_id}", response={200: ConversationOut, **REFUSALS})
@declares("conversation.view")
def read_conversation(request: HttpRequest, conversation_id: uuid.UUID) -> ConversationOut:
    return conversation_out(conversation_for_view(actor_of(request), conversation_id))


@router.get("/{uuid:conversation_id}/messages", response={200: Page[MessageOut], **REFUSALS})
@declares("conversation.view")
def list_messages(
    request: HttpRequest,
    conversation_id: uuid.UUID,
    before: uuid.UUID | None = None,
    at: uuid.UUID | None = None,
    limit: Annotated[int, Field(ge=1, le=100)] = PAGE,
) -> Page[MessageOut]:
    """The branch that is shown, oldest first; ``next`` is the ``before`` of the page above it.

    With ``at`` it is the branch that goes through that message.
    """
    conversation = conversation_for_view(actor_of(request), conversation_id)
    leaf = leaf_below(conversation, at) if at else None
    found = branch(conversation, before=before, leaf=leaf, limit=limit)
    more = str(found[0].pk) if found and found[0].parent_id else None
    siblings = siblings_of(conversation, found)
    return Page(items=[message_out(message, siblings[message.pk]) for message in found], next=more)


@router.post("/{uuid:conversation_id}/messages", response={202: AskedOut, **REFUSALS})
@declares("message.ask")
def ask_question(request: HttpRequest, conversation_id: uuid.UUID, body: QuestionIn) -> Status[AskedOut]:
    if body.attachments:
        raise Invalid("This appliance does not take attachments.", code="no_attachments")
    place = Place(body.parent) if "parent" in body.model_fields_set else None
    question = Question(body.text, body.thinking, idempotency_key(request), place, body.engine)
    return Status(202, asked_out(ask(actor_of(request), conversation_id, question)))


@router.post("/{uuid:conversation_id}/messages/{uuid:message_id}/regenerate", response={202: AskedOut, **REFUSALS})
@declares("message.regenerate")
def answer_again(
    request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID, body: RegenerateIn
) -> Status[AskedOut]:
    asked = regenerate(actor_of(request), conversation_id, message_id, body.thinking, body.engine)
    return Status(202, asked_out(asked))
