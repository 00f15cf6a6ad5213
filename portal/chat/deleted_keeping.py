"""What retention does with conversations that their owners have deleted: they go when nobody can bring them back.

Legal holds and rules come first: what is held stays, and where a rule is in force it alone says when a conversation
goes, whether that is sooner or later or never.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from django.db import connection

from portal.chat.keeping import CLAIM, UNFINISHED_RUNS, ConversationKeeper, held_condition
from portal.chat.placing.selectors import restorable_from
from portal.core.actor import Actor
from portal.retention.choices import DataKind
from portal.retention.keepers import Selection, Tally
from portal.retention.rulebook import RuleBook

_WHERE = "WHERE conversation.deleted_at <= %(until)s AND conversation.workspace_id <> ALL(%(ruled)s::uuid[]) AND"


class DeletedConversationKeeper(ConversationKeeper):
    """Of a person's conversations, deleted or not, ``ConversationKeeper`` tells; this one only has their time."""

    kind = "deleted conversations"

    def tally(self, selection: Selection) -> list[Tally]:
        return []

    def claim(self, selection: Selection, limit: int) -> list[uuid.UUID]:
        if selection.person is not None:
            return []
        book = RuleBook.read(DataKind.CONVERSATIONS)
        ruled = [workspace for workspace in book.workspaces if book.for_workspace(workspace).rule is not None]
        is_held, people = held_condition()
        statement = CLAIM.format(
            source="FROM chat_conversation conversation", where=_WHERE, unfinished=UNFINISHED_RUNS, is_held=is_held
        )
        parameters: dict[str, Any] = {"until": restorable_from(), "ruled": ruled, "limit": limit}
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters | people)
            return [row[0] for row in cursor.fetchall()]

    def forget(self, person: uuid.UUID) -> dict[str, int]:
        return {}

    def export(self, person: uuid.UUID, reader: Actor | None) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield from ()
