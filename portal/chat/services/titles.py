"""Titles that the model finds."""

import uuid
from dataclasses import dataclass

from django.db import connection, transaction

from portal.audit.journal import Target, record
from portal.chat.choices import TitledBy
from portal.chat.models import Conversation
from portal.chat.watch import tell_at_commit, tell_news
from portal.core.actor import system_actor

# So much of question and answer is enough to say what it is about.
MOST_CHARACTERS = 1_500

# The first question and its first whole answer, and the engine that gave it.
_UNTITLED = """
SELECT conversation.id, left(question.text, %s), left(answer.text, %s), engine.address, engine.model, engine.profile,
    workspace.department_id
FROM chat_conversation conversation
    JOIN chat_message question ON question.conversation_id = conversation.id AND question.parent_id IS NULL
    JOIN chat_message answer ON answer.parent_id = question.id AND answer.text <> ''
    JOIN runs_run run ON run.id = answer.run_id AND run.state = 'finished'
    JOIN engines_engine engine ON engine.id = run.engine_id
    JOIN departments_workspace workspace ON workspace.id = conversation.workspace_id
WHERE conversation.id = %s AND conversation.titled_by = 'words' AND conversation.deleted_at IS NULL
ORDER BY answer.created_at LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Untitled:
    conversation: uuid.UUID
    question: str
    answer: str
    engine_address: str
    engine_model: str
    engine_profile: str
    department: uuid.UUID


def untitled(conversation_id: uuid.UUID) -> Untitled | None:
    """What a title is to be found for; None where it has one by now. For the worker."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTITLED, [MOST_CHARACTERS, MOST_CHARACTERS, conversation_id])
        row = cursor.fetchone()
    return Untitled(*row) if row else None


@transaction.atomic
def set_title(conversation_id: uuid.UUID, title: str) -> bool:
    """False where a person was first, or the conversation is gone."""
    waiting = Conversation.objects.filter(pk=conversation_id, titled_by=TitledBy.WORDS, deleted_at=None)
    conversation = waiting.select_for_update().first()
    if conversation is None:
        return False
    conversation.title, conversation.titled_by = title, TitledBy.MODEL
    conversation.save(update_fields=["title", "titled_by"])
    record(
        system_actor("worker"),
        "conversation.title",
        Target("conversation", conversation.pk),
        details={"characters": len(title)},
        on_behalf_of=conversation.owner_id,
    )
    tell_at_commit(conversation.owner_id, conversation.pk)
    tell_news(conversation.pk, "title")
    return True
