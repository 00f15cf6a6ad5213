"""`/api/conversations/{id}/messages/{id}/comments`: what people say to each other about a message."""

import datetime
import uuid
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import FailFast, Field

from portal.accounts.door import actor_of
from portal.api.refusals import REFUSALS
from portal.api.shapes import MOST_MENTIONS, Page, Strict
from portal.chat.comments.selectors import Remark, comments_of, counts
from portal.chat.comments.services import change_comment, delete_comment, write_comment
from portal.core.declare import declares

router = Router()

COMMENTS = "/{uuid:conversation_id}/messages/{uuid:message_id}/comments"
COMMENT = "/{uuid:conversation_id}/comments/{uuid:comment_id}"


class CommentIn(Strict):
    """``mentions`` are ids of people who may read the conversation; others are passed over."""

    text: str
    mentions: Annotated[list[uuid.UUID], FailFast(), Field(max_length=MOST_MENTIONS)] = []


class PersonRef(Schema):
    id: uuid.UUID
    name: str


class CommentOut(Schema):
    id: uuid.UUID
    message: uuid.UUID
    author: PersonRef
    text: str
    created_at: datetime.datetime
    edited_at: datetime.datetime | None
    # Who was told of it.
    mentions: list[PersonRef]
    may_change: bool
    may_delete: bool


class CountOut(Schema):
    message: uuid.UUID
    count: int


@router.get(COMMENTS, response={200: Page[CommentOut], **REFUSALS})
@declares("conversation.view")
def list_comments(request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Page[CommentOut]:
    """All of them, oldest first."""
    return Page(items=[comment_out(item) for item in comments_of(actor_of(request), conversation_id, message_id)])


@router.post(COMMENTS, response={201: CommentOut, **REFUSALS})
@declares("comment.write")
def post_comment(
    request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID, body: CommentIn
) -> Status[CommentOut]:
    """By whoever may read the conversation. The model never reads it."""
    written = write_comment(actor_of(request), conversation_id, message_id, body.text, body.mentions)
    return Status(201, comment_out(written))


@router.get("/{uuid:conversation_id}/comments", response={200: Page[CountOut], **REFUSALS})
@declares("conversation.view")
def count_comments(request: HttpRequest, conversation_id: uuid.UUID) -> Page[CountOut]:
    """How many each message has; those without any are left out."""
    found = counts(actor_of(request), conversation_id)
    return Page(items=[CountOut(message=message, count=count) for message, count in found.items()])


@router.patch(COMMENT, response={200: CommentOut, **REFUSALS})
@declares("comment.change")
def patch_comment(
    request: HttpRequest, conversation_id: uuid.UUID, comment_id: uuid.UUID, body: CommentIn
) -> CommentOut:
    """One's own. Whoever is mentioned anew is told."""
    return comment_out(change_comment(actor_of(request), conversation_id, comment_id, body.text, body.mentions))


@router.delete(COMMENT, response={204: None, **REFUSALS})
@declares("comment.delete")
def remove_comment(request: HttpRequest, conversation_id: uuid.UUID, comment_id: uuid.UUID) -> Status[None]:
    """One's own, or any in a conversation of one's own."""
    delete_comment(actor_of(request), conversation_id, comment_id)
    return Status(204, None)


def comment_out(found: Remark) -> CommentOut:
    row = found.comment
    return CommentOut(
        id=row.pk,
        message=row.message_id,
        author=PersonRef(id=row.author_id, name=found.author),
        text=row.text,
        created_at=row.created_at,
        edited_at=row.edited_at,
        mentions=[PersonRef(id=pk, name=name) for pk, name in found.mentions.items()],
        may_change=found.may_change,
        may_delete=found.may_delete,
    )
