import uuid
from typing import Annotated

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from portal.accounts.door import actor_of
from portal.api.cursor import decode_cursor, encode_cursor
from portal.api.present import asked_out, conversation_out, deleted_out, message_out, placed_out
from portal.api.refusals import REFUSALS
from portal.api.shapes import (
    AskedOut,
    ConversationChangesIn,
    ConversationIn,
    ConversationOut,
    DeletedConversationOut,
    MessageOut,
    Page,
    PlacedConversationOut,
    QuestionIn,
    RegenerateIn,
)
from portal.chat.access import conversation_for_view
from portal.chat.branches import leaf_below, siblings_of
from portal.chat.models import Conversation
from portal.chat.placing.selectors import NOWHERE, deleted_conversations, places
from portal.chat.placing.services import Changes, change_conversation, delete_conversation, restore_conversation
from portal.chat.selectors import branch, conversations, conversations_before
from portal.chat.services.ask import Place, Question, ask, regenerate, start_conversation
from portal.chat.thinking import Effort
from portal.core.actor import Actor
from portal.core.declare import declares
from portal.core.errors import Invalid

router = Router()

PAGE = 30
MOST_DELETED = 100


def idempotency_key(request: HttpRequest) -> str | None:
    return request.headers.get("Idempotency-Key") or None


@router.get("", response={200: Page[PlacedConversationOut], **REFUSALS})
@declares("conversation.list")
def list_conversations(request: HttpRequest, workspace: uuid.UUID, cursor: str = "") -> Page[PlacedConversationOut]:
    """All of them, wherever one keeps them, newest first."""
    actor = actor_of(request)
    found = conversations(actor, workspace)
    if cursor:
        found = conversations_before(found, *decode_cursor(cursor))
    rows = list(found[: PAGE + 1])
    more = encode_cursor(rows[PAGE - 1].active_at, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    kept = places(actor, [row.pk for row in rows])
    return Page(items=[placed_out(actor, row, kept.get(row.pk, NOWHERE)) for row in rows[:PAGE]], next=more)


@router.get("/deleted", response={200: Page[DeletedConversationOut], **REFUSALS})
@declares("conversation.list")
def list_deleted(request: HttpRequest, workspace: uuid.UUID) -> Page[DeletedConversationOut]:
    """Those that one has deleted and may still bring back, last deleted first, the first hundred."""
    found = deleted_conversations(actor_of(request), workspace)[:MOST_DELETED]
    return Page(items=[deleted_out(row) for row in found])


@router.post("", response={201: ConversationOut, 202: AskedOut, **REFUSALS})
@declares("conversation.create")
def create_conversation(request: HttpRequest, body: ConversationIn) -> Status[ConversationOut] | Status[AskedOut]:
    Effort(body.thinking, body.budget, body.context).checked()
    if body.text is None and body.attachments:
        raise Invalid(_("Files come with a question. Write one."), code="no_question")
    question = None if body.text is None else _question(request, body.text, body)
    conversation, asked = start_conversation(actor_of(request), body.workspace, question, body.title)
    if asked is None:
        return Status(201, conversation_out(conversation))
    return Status(202, asked_out(asked))


@router.get("/{uuid:conversation_id}", response={200: PlacedConversationOut, **REFUSALS})
@declares("conversation.view")
def read_conversation(request: HttpRequest, conversation_id: uuid.UUID) -> PlacedConversationOut:
    actor = actor_of(request)
    return _placed(actor, conversation_for_view(actor, conversation_id))


@router.patch("/{uuid:conversation_id}", response={200: PlacedConversationOut, **REFUSALS})
@declares("conversation.change")
def patch_conversation(
    request: HttpRequest, conversation_id: uuid.UUID, body: ConversationChangesIn
) -> PlacedConversationOut:
    """The title is the owner's; where it lies everyone says for himself."""
    actor = actor_of(request)
    moves = "folder" in body.model_fields_set
    changes = Changes(body.title, body.pinned, body.archived, moves, body.folder)
    return _placed(actor, change_conversation(actor, conversation_id, changes))


@router.delete("/{uuid:conversation_id}", response={204: None, **REFUSALS})
@declares("conversation.delete")
def remove_conversation(request: HttpRequest, conversation_id: uuid.UUID) -> Status[None]:
    """Out of every view at once. It can be restored for some days."""
    delete_conversation(actor_of(request), conversation_id)
    return Status(204, None)


@router.post("/{uuid:conversation_id}/restore", response={200: PlacedConversationOut, **REFUSALS})
@declares("conversation.restore")
def bring_back(request: HttpRequest, conversation_id: uuid.UUID) -> PlacedConversationOut:
    actor = actor_of(request)
    return _placed(actor, restore_conversation(actor, conversation_id))


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
    place = Place(body.parent, body.or_end) if "parent" in body.model_fields_set else None
    asked = ask(actor_of(request), conversation_id, _question(request, body.text, body, place))
    return Status(202, asked_out(asked))


@router.post("/{uuid:conversation_id}/messages/{uuid:message_id}/regenerate", response={202: AskedOut, **REFUSALS})
@declares("message.regenerate")
def answer_again(
    request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID, body: RegenerateIn
) -> Status[AskedOut]:
    effort = Effort(body.thinking, body.budget, body.context)
    asked = regenerate(actor_of(request), conversation_id, message_id, effort, body.engine)
    return Status(202, asked_out(asked))


def _question(
    request: HttpRequest, text: str, body: ConversationIn | QuestionIn, place: Place | None = None
) -> Question:
    return Question(
        text,
        body.thinking,
        idempotency_key(request),
        body.budget,
        body.context,
        place,
        body.engine,
        tuple(body.attachments),
        tuple(body.mentions) if isinstance(body, QuestionIn) else (),
    )


def _placed(actor: Actor, conversation: Conversation) -> PlacedConversationOut:
    return placed_out(actor, conversation, places(actor, [conversation.pk]).get(conversation.pk, NOWHERE))
