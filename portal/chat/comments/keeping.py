"""What retention has to know of comments.

They go with their message. Of a person who is erased those go as well that he wrote in conversations of others, as
items of their own with their own proof.
"""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

from portal.chat.models import Comment, Conversation
from portal.core.actor import Actor
from portal.notices.models import Notice
from portal.retention.keepers import GOES, HELD, Part, Selection, Tally

_TALLY = """
SELECT CASE WHEN retention_held(conversation.workspace_id, conversation.owner_id)
        OR retention_held(conversation.workspace_id, comment.author_id) THEN %(held)s ELSE %(goes)s END AS fate,
    count(*), sum(pg_column_size(comment.text))::bigint, min(comment.created_at), max(comment.created_at)
FROM chat_comment comment JOIN chat_conversation conversation ON conversation.id = comment.conversation_id
WHERE comment.author_id = %(person)s GROUP BY fate
"""
_CLAIM = """
SELECT comment.id FROM chat_comment comment
JOIN chat_conversation conversation ON conversation.id = comment.conversation_id
WHERE comment.author_id = %(person)s AND NOT retention_held(conversation.workspace_id, conversation.owner_id)
    AND NOT retention_held(conversation.workspace_id, comment.author_id)
LIMIT %(limit)s FOR UPDATE OF comment SKIP LOCKED
"""
# One statement for both: a sweep asks it for each of its batches.
_OF_MESSAGES = """
SELECT true, id FROM chat_comment WHERE message_id = ANY(%(messages)s)
UNION ALL
SELECT false, id FROM notices_notice WHERE about = ANY(%(messages)s)
    OR about IN (SELECT id FROM chat_comment WHERE message_id = ANY(%(messages)s))
"""
_LINES = (
    "SELECT to_jsonb(part)::text FROM chat_comment part WHERE author_id = %s AND conversation_id = ANY(%s)"
    " ORDER BY created_at, id"
)


def parts_of_messages(messages: Sequence[Any]) -> list[Part]:
    """What goes before messages do: their comments, and what people were told of either."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_MESSAGES, {"messages": list(messages)})
        rows = cursor.fetchall()
    found = {model: [pk for is_comment, pk in rows if is_comment == (model is Comment)] for model in (Notice, Comment)}
    return [Part(model, "id", ids) for model, ids in found.items() if ids]


class CommentKeeper:
    kind: str = "comments"
    models: tuple[type[Model], ...] = (Comment,)

    def tally(self, selection: Selection) -> list[Tally]:
        if selection.person is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_TALLY, {"held": HELD, "goes": GOES, "person": selection.person})
            rows = cursor.fetchall()
        return [
            Tally(None, fate, count, 1, {"chat_comment": count}, size, oldest, newest)
            for fate, count, size, oldest, newest in rows
        ]

    def claim(self, selection: Selection, limit: int) -> list[uuid.UUID]:
        if selection.person is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, {"person": selection.person, "limit": limit})
            return [row[0] for row in cursor.fetchall()]

    def parts(self, items: Sequence[uuid.UUID]) -> list[Part]:
        told = list(Notice.objects.filter(about__in=items).values_list("pk", flat=True))
        return [*([Part(Notice, "id", told)] if told else []), Part(Comment, "id", items)]

    def release(self, items: Sequence[uuid.UUID]) -> None:
        return None

    def forget(self, person: uuid.UUID) -> dict[str, int]:
        return {}

    def export(self, person: uuid.UUID, reader: Actor | None) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "comments.jsonl", self._lines(person, reader)

    def _lines(self, person: uuid.UUID, reader: Actor | None) -> Iterator[bytes]:
        """What the person wrote, where he may read it still."""
        written = Comment.objects.filter(author_id=person).values("conversation")
        open_now = (
            Conversation.objects.all() if reader is None else Conversation.objects.allowed(reader, "conversation.view")
        )
        places = list(open_now.filter(pk__in=written).order_by().values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute(_LINES, [person, places])
            for (line,) in cursor.fetchall():
                yield line.encode() + b"\n"
