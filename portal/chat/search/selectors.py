"""Searching what was said, as someone: only in conversations that he may read by his rights, never under break-glass.

Few finds are ranked by how often the words stand in them; of more than ``MOST_RANKED`` the newest come first, since to
rank them all would take as long as to read them all.
"""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Lower, StrIndex
from django.utils.translation import gettext as _

from portal.chat.models import Conversation
from portal.chat.search.indexing import label_of_author, label_of_owner
from portal.chat.search.snippet import READ, Piece, snippet
from portal.chat.search.words import Term, query, terms
from portal.core.actor import Actor
from portal.core.errors import Invalid

MOST_RANKED = 500
# Shared conversations that are looked into at once, and how much later than its question a message may be dated.
AT_ONCE, LATE = 100, datetime.timedelta(hours=1)
# Of so many shared conversations all messages are read.
FEW = 1_000
RELEVANCE, NEWEST = "relevance", "newest"


@dataclass(frozen=True, slots=True)
class Search:
    """``author`` is one of ``Author``, or empty: both."""

    text: str
    workspace: uuid.UUID | None = None
    author: str = ""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class After:
    """The last find of a page; by ``order`` its rank counts as well."""

    order: str
    rank: float
    at: datetime.datetime
    message: uuid.UUID

    def __str__(self) -> str:
        return f"{self.order}_{self.rank!r}_{self.at.isoformat()}_{self.message}"

    @classmethod
    def parsed(cls, text: str) -> "After":
        """Raises Invalid."""
        try:
            order, rank, at, message = text.split("_")
            found = cls(order, float(rank), datetime.datetime.fromisoformat(at), uuid.UUID(message))
        except ValueError:
            raise Invalid(_("The cursor is not valid."), code="bad_cursor") from None
        if found.at.tzinfo is None or order not in (RELEVANCE, NEWEST):
            raise Invalid(_("The cursor is not valid."), code="bad_cursor")
        return found


@dataclass(frozen=True, slots=True)
class Find:
    message: uuid.UUID
    conversation: uuid.UUID
    title: str
    workspace: uuid.UUID
    workspace_name: str
    author: str
    at: datetime.datetime
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Row:
    message: uuid.UUID
    conversation: uuid.UUID
    at: datetime.datetime
    rank: float


@dataclass(frozen=True, slots=True)
class Found:
    items: Sequence[Find]
    order: str
    next: After | None


# What one owns is found by the owner's label, in one look into one index; what others share, in their conversations.
# Each is a statement of its own: the planner, given all at once, now and then looks into the index once a conversation.
_OWN = """
SELECT message_id, conversation_id, at, ts_rank(words, %s::tsquery, 1)::float8 FROM chat_search_entry
WHERE words @@ %s::tsquery {during} LIMIT %s
"""
_OF_MANY_SHARED = """
SELECT message_id, conversation_id, at, ts_rank(words, %s::tsquery, 1)::float8 FROM chat_search_entry
WHERE conversation_id = ANY(%s::uuid[]) AND words @@ %s::tsquery {during} LIMIT %s
"""
# What is true of a word is asked of the rows, and no index of words is read: many match, or the rows are few.
_SHARED = _OF_MANY_SHARED.replace("words @@ %s::tsquery {", "(words @@ %s::tsquery) IS TRUE {")
_NEWEST_OWN = """
SELECT message_id, conversation_id, at, 0::float8 FROM chat_search_entry
WHERE owner_id = %s AND (words @@ %s::tsquery) IS TRUE {during} {after} ORDER BY at DESC, message_id DESC LIMIT %s
"""
_NEWEST_SHARED = """
SELECT message_id, conversation_id, at, 0::float8 FROM chat_search_entry
WHERE conversation_id = ANY(%s::uuid[]) AND (words @@ %s::tsquery) IS TRUE {during} {after}
ORDER BY at DESC, message_id DESC LIMIT %s
"""
_IN_WORKSPACE = " AND conversation_id IN (SELECT id FROM chat_conversation WHERE workspace_id = %s)"
_SHOWN = """
SELECT message.id, conversation.id, conversation.title, workspace.id, workspace.name, message.author,
    message.created_at, left(message.text, %s)
FROM chat_message message JOIN chat_conversation conversation ON conversation.id = message.conversation_id
    JOIN departments_workspace workspace ON workspace.id = conversation.workspace_id
WHERE message.id = ANY(%s)
"""


def search(actor: Actor, asked: Search, *, after: After | None = None, limit: int = 20) -> Found:
    """One page of finds. A search without a word finds nothing."""
    wanted = terms(asked.text)
    if not wanted or not actor.is_person:
        return Found([], RELEVANCE, None)
    looking = _Looking(actor, asked)
    rows = looking.ranked() if after is None or after.order == RELEVANCE else None
    order = NEWEST if rows is None else RELEVANCE
    if rows is None:
        rows = looking.newest(after, limit + 1)
    elif after is not None:
        rows = [row for row in rows if _place(row) < (after.rank, after.at, after.message)]
    rows.sort(key=_place, reverse=True)
    items = _shown(rows[:limit], wanted)
    more = len(rows) > limit and rows
    return Found(items, order, After(order, *_place(rows[limit - 1])) if more else None)


def _place(row: Row) -> tuple[float, datetime.datetime, uuid.UUID]:
    return row.rank, row.at, row.message


def conversations_called(actor: Actor, text: str, *, limit: int = 8) -> list[Conversation]:
    """Those with the text in their title, last used first."""
    found = Conversation.objects.allowed(actor, "conversation.view").select_related("workspace")
    at = StrIndex(Lower(F("title")), Lower(Value(text.strip())))
    return list(found.alias(at=at).filter(at__gt=0).order_by("-active_at", "-id")[:limit])


class _Looking:
    """One search as the actor asks it."""

    def __init__(self, actor: Actor, asked: Search) -> None:
        wanted = terms(asked.text)
        author = [label_of_author(asked.author)] if asked.author else []
        self._actor, self._owner, self._workspace = actor, actor.person_id, asked.workspace
        self._rank = query(wanted)
        self._all = query(wanted, *author)
        self._own_words = query(wanted, label_of_owner(actor.person_id), *author)
        bounds = (
            (" AND at >= %s", asked.since),
            (" AND at < %s", asked.until),
            (_IN_WORKSPACE, asked.workspace),
        )
        self._during = "".join(part for part, at in bounds if at)
        self._bounds: list[Any] = [at for _, at in bounds if at]

    def ranked(self) -> list[Row] | None:
        """All that match; None where they are too many."""
        most = MOST_RANKED + 1
        own = self._rows(_OWN, [self._rank, self._own_words, *self._bounds, most])
        if len(own) > MOST_RANKED:
            return None
        asked = [self._rank, self._shared, self._all, *self._bounds, most]
        statement = _SHARED if len(self._shared) <= FEW else _OF_MANY_SHARED
        shared = self._rows(statement, asked) if self._shared else []
        return None if len(shared) > MOST_RANKED else self._visible(own) + shared

    def newest(self, after: After | None, limit: int) -> list[Row]:
        return self._newest_own(after, limit) + self._newest_shared(after, limit)

    def _newest_shared(self, after: After | None, limit: int) -> list[Row]:
        """Those used last first: what stands in the others is older, once there is enough."""
        found: list[Row] = []
        for begin in range(0, len(self._shared), AT_ONCE):
            if len(found) >= limit and found[limit - 1].at > self._active[self._shared[begin]] + LATE:
                break
            some = self._shared[begin : begin + AT_ONCE]
            found += self._newest(_NEWEST_SHARED, [some, self._all], after, limit)
            found.sort(key=_place, reverse=True)
        return found[:limit]

    def _newest_own(self, after: After | None, limit: int) -> list[Row]:
        """Not all of one's own may be read: what is deleted is there still, and a right may be gone."""
        found: list[Row] = []
        while True:
            rows = self._newest(_NEWEST_OWN, [self._owner, self._all], after, limit)
            found += self._visible(rows)
            if len(rows) < limit or len(found) >= limit:
                return found[:limit]
            after = After(NEWEST, 0.0, rows[-1].at, rows[-1].message)

    def _newest(self, statement: str, asked: list[Any], after: After | None, limit: int) -> list[Row]:
        place = [after.at, after.message] if after else []
        below = "AND (at, message_id) < (%s, %s)" if after else ""
        return self._rows(statement, [*asked, *self._bounds, *place, limit], below)

    @cached_property
    def _active(self) -> dict[uuid.UUID, datetime.datetime]:
        """When what others share was last asked in, the newest first."""
        found = Conversation.objects.shared_with(self._actor)
        if self._workspace:
            found = found.filter(workspace_id=self._workspace)
        return dict(found.order_by("-active_at").values_list("pk", "active_at"))

    @cached_property
    def _shared(self) -> list[uuid.UUID]:
        return list(self._active)

    def _visible(self, rows: list[Row]) -> list[Row]:
        if not rows:
            return []
        ids = {row.conversation for row in rows}
        seen = Conversation.objects.allowed(self._actor, "conversation.view").filter(pk__in=ids)
        visible = set(seen.order_by().values_list("pk", flat=True))
        return [row for row in rows if row.conversation in visible]

    def _rows(self, statement: str, parameters: Sequence[Any], after: str = "") -> list[Row]:
        with connection.cursor() as cursor:
            # Never prepared: a plan that is to fit all words fits neither the frequent nor the rare ones.
            plain: Any = cursor.cursor
            plain.execute(statement.format(during=self._during, after=after), list(parameters), prepare=False)
            return [Row(*row) for row in plain.fetchall()]


def _shown(rows: Sequence[Row], wanted: Sequence[Term]) -> list[Find]:
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, [READ, [row.message for row in rows]])
        found = {row[0]: (row[:7], row[7]) for row in cursor.fetchall()}
    shown = [found[row.message] for row in rows if row.message in found]
    return [Find(*(*columns, snippet(text, wanted))) for columns, text in shown]
