"""From rows to the shapes of `/api`."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Literal, cast

from portal.api.shapes import (
    AskedOut,
    AttachedOut,
    ConversationOut,
    DeletedConversationOut,
    FolderOut,
    MessageOut,
    PlacedConversationOut,
    RunOut,
    WaitsForOut,
)
from portal.chat.models import Conversation, Folder, Message
from portal.chat.placing.selectors import Place
from portal.chat.services.ask import Asked
from portal.configuration import live
from portal.core.actor import Actor
from portal.files.models import File
from portal.runs.choices import RunState
from portal.runs.models import Run


def run_out(run: Run) -> RunOut:
    return RunOut(
        id=run.pk,
        state=run.state,
        waits_for=_waits_for(run),
        thinking=run.thinking,
        thinking_budget=run.thinking_budget,
        context=run.context,
        attempts=run.attempts,
        error_code=run.error_code,
        finish_reason=run.finish_reason,
        engine=run.engine_id,
        prompt_tokens=run.prompt_tokens,
        completion_tokens=run.completion_tokens,
        reasoning_tokens=run.reasoning_tokens,
        sent=run.sent,
    )


def _waits_for(run: Run) -> WaitsForOut | None:
    """Of the same conversation, so whoever reads the one reads the other."""
    before = run.waits_for if run.state == RunState.QUEUED else None
    if before is None or before.is_final:
        return None
    return WaitsForOut(run=before.pk, person=before.owner_id, name=before.owner.display_name())


def attached_out(file: File) -> AttachedOut:
    return AttachedOut(id=file.pk, name=file.name, size=file.size, pages=file.page_count, tokens=file.tokens)


def message_out(message: Message, siblings: Sequence[uuid.UUID] = ()) -> MessageOut:
    """Without siblings it is the only one of its kind."""
    return MessageOut(
        id=message.pk,
        parent=message.parent_id,
        author=cast(Literal["user", "assistant"], message.author),
        person=message.person_id,
        text=message.text,
        reasoning=message.reasoning,
        model=message.model,
        created_at=message.created_at,
        run=run_out(message.run) if message.run else None,
        siblings=list(siblings) or [message.pk],
        attachments=[attached_out(file) for file in message.files_sent],
    )


def conversation_out(conversation: Conversation) -> ConversationOut:
    return ConversationOut(
        id=conversation.pk,
        workspace=conversation.workspace_id,
        title=conversation.title,
        thinking=conversation.thinking,
        thinking_budget=conversation.thinking_budget,
        active_at=conversation.active_at,
        head=conversation.head_id,
    )


def placed_out(actor: Actor, conversation: Conversation, place: Place) -> PlacedConversationOut:
    return PlacedConversationOut(
        **conversation_out(conversation).dict(),
        own=conversation.owner_id == actor.id,
        pinned=place.pinned,
        folder=place.folder,
        archived=place.archived,
    )


def deleted_out(conversation: Conversation) -> DeletedConversationOut:
    deleted_at = conversation.deleted_at or conversation.active_at
    until = deleted_at + datetime.timedelta(days=live.whole_number("deleted_days"))
    return DeletedConversationOut(
        **conversation_out(conversation).dict(), deleted_at=deleted_at, restorable_until=until
    )


def folder_out(folder: Folder) -> FolderOut:
    return FolderOut(id=folder.pk, workspace=folder.workspace_id, name=folder.name)


def asked_out(asked: Asked) -> AskedOut:
    return AskedOut(
        conversation=conversation_out(asked.conversation),
        message=message_out(asked.question, asked.siblings.get(asked.question.pk, ())),
        answer=message_out(asked.answer, asked.siblings.get(asked.answer.pk, ())),
        run=run_out(asked.run),
    )
