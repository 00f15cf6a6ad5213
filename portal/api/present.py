"""From rows to the shapes of `/api`."""

import datetime
from typing import Literal, cast

from portal.api.shapes import (
    AskedOut,
    ConversationOut,
    DeletedConversationOut,
    FolderOut,
    MessageOut,
    PlacedConversationOut,
    RunOut,
)
from portal.chat.models import Conversation, Folder, Message
from portal.chat.placing.selectors import Place
from portal.chat.services.ask import Asked
from portal.configuration import live
from portal.core.actor import Actor
from portal.runs.models import Run


def run_out(run: Run) -> RunOut:
    return RunOut(
        id=run.pk,
        state=run.state,
        thinking=run.thinking,
        attempts=run.attempts,
        error_code=run.error_code,
        prompt_tokens=run.prompt_tokens,
        completion_tokens=run.completion_tokens,
        reasoning_tokens=run.reasoning_tokens,
    )


def message_out(message: Message) -> MessageOut:
    return MessageOut(
        id=message.pk,
        parent=message.parent_id,
        author=cast(Literal["user", "assistant"], message.author),
        text=message.text,
        reasoning=message.reasoning,
        created_at=message.created_at,
        run=run_out(message.run) if message.run else None,
    )


def conversation_out(conversation: Conversation) -> ConversationOut:
    return ConversationOut(
        id=conversation.pk,
        workspace=conversation.workspace_id,
        title=conversation.title,
        thinking=conversation.thinking,
        active_at=conversation.active_at,
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
        message=message_out(asked.question),
        answer=message_out(asked.answer),
        run=run_out(asked.run),
    )
