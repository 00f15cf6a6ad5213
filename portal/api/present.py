"""From rows to the shapes of `/api`."""

import uuid
from collections.abc import Sequence
from typing import Literal, cast

from portal.api.shapes import AskedOut, ConversationOut, MessageOut, RunOut
from portal.chat.models import Conversation, Message
from portal.chat.services.ask import Asked
from portal.runs.models import Run


def run_out(run: Run) -> RunOut:
    return RunOut(
        id=run.pk,
        state=run.state,
        thinking=run.thinking,
        attempts=run.attempts,
        error_code=run.error_code,
        finish_reason=run.finish_reason,
        engine=run.engine_id,
        prompt_tokens=run.prompt_tokens,
        completion_tokens=run.completion_tokens,
        reasoning_tokens=run.reasoning_tokens,
    )


def message_out(message: Message, siblings: Sequence[uuid.UUID] = ()) -> MessageOut:
    """Without siblings it is the only one of its kind."""
    return MessageOut(
        id=message.pk,
        parent=message.parent_id,
        author=cast(Literal["user", "assistant"], message.author),
        text=message.text,
        reasoning=message.reasoning,
        model=message.model,
        created_at=message.created_at,
        run=run_out(message.run) if message.run else None,
        siblings=list(siblings) or [message.pk],
    )


def conversation_out(conversation: Conversation) -> ConversationOut:
    return ConversationOut(
        id=conversation.pk,
        workspace=conversation.workspace_id,
        title=conversation.title,
        thinking=conversation.thinking,
        active_at=conversation.active_at,
        head=conversation.head_id,
    )


def asked_out(asked: Asked) -> AskedOut:
    return AskedOut(
        conversation=conversation_out(asked.conversation),
        message=message_out(asked.question, asked.siblings.get(asked.question.pk, ())),
        answer=message_out(asked.answer, asked.siblings.get(asked.answer.pk, ())),
        run=run_out(asked.run),
    )
