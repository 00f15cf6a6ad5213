"""The messages that an export holds."""

import datetime
import uuid
from dataclasses import dataclass

from django.db import connection

from portal.chat.models import Conversation
from portal.chat.speakers import speakers

# Of one export, in characters: it is made in memory.
MOST_CHARACTERS = 64_000_000

_SIZE = "SELECT coalesce(sum(length(text) + length(reasoning)), 0) FROM chat_message WHERE conversation_id = %s"
_COLUMNS = """
SELECT message.id, message.parent_id, message.author, message.text, message.reasoning, message.created_at,
    coalesce(nullif(message.model, ''), engine.name, ''),
    CASE WHEN message.author = 'user' THEN coalesce(message.person_id, conversation.owner_id) END
FROM chat_message message JOIN chat_conversation conversation ON conversation.id = message.conversation_id
    LEFT JOIN runs_run run ON run.id = message.run_id
    LEFT JOIN engines_engine engine ON engine.id = run.engine_id
"""
_ALL = f"{_COLUMNS} WHERE message.conversation_id = %s ORDER BY message.created_at, message.id"
_SHOWN = f"""
WITH RECURSIVE branch AS (
    SELECT id, parent_id, 1 AS depth FROM chat_message WHERE id = %s
    UNION ALL
    SELECT message.id, message.parent_id, branch.depth + 1
    FROM chat_message message JOIN branch ON message.id = branch.parent_id
)
{_COLUMNS} JOIN branch ON branch.id = message.id ORDER BY branch.depth DESC
"""  # noqa: S608  # its own parts


@dataclass(frozen=True, slots=True)
class Exported:
    """``model`` is what wrote it: the engine's name, or what the export of another program named."""

    id: uuid.UUID
    parent: uuid.UUID | None
    author: str
    text: str
    reasoning: str
    created_at: datetime.datetime
    model: str
    # Who asked, where several people did.
    name: str = ""


def size(conversation: Conversation) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SIZE, [conversation.pk])
        return int(cursor.fetchone()[0])


def shown(conversation: Conversation) -> list[Exported]:
    return _read(_SHOWN, conversation.head_id) if conversation.head_id else []


def everything(conversation: Conversation) -> list[Exported]:
    """All branches, each message after the one that it follows, the older branch first."""
    found = _read(_ALL, conversation.pk)
    children: dict[uuid.UUID | None, list[Exported]] = {}
    for message in found:
        children.setdefault(message.parent, []).append(message)
    ordered: list[Exported] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        message = waiting.pop()
        ordered.append(message)
        waiting += reversed(children.get(message.id, []))
    return ordered


def _read(statement: str, of: uuid.UUID) -> list[Exported]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [of])
        rows = cursor.fetchall()
    people = {person for *_, person in rows if person is not None}
    names = {pk: speaker.name for pk, speaker in speakers(people).items()} if len(people) > 1 else {}
    return [Exported(*[*row, names.get(person, "")]) for *row, person in rows]
