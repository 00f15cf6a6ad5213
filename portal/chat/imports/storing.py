"""Conversations with the times that they had: the ORM would put today's into columns that it fills by itself."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from portal.chat.imports.models import ImportOrigin
from portal.core.clock import now
from portal.core.text import storable

_CONVERSATIONS = """
INSERT INTO chat_conversation (id, created_at, title, titled_by, thinking, active_at, workspace_id, owner_id, head_id)
SELECT id, created_at, title, 'person', 'off', active_at, %s, %s, head_id
FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::timestamptz[], %s::uuid[])
    AS made (id, created_at, title, active_at, head_id)
"""
_MESSAGES = """
INSERT INTO chat_message (id, created_at, conversation_id, parent_id, author, text, reasoning, model, is_compacted)
SELECT id, created_at, conversation_id, parent_id, author, text, reasoning, model, false
FROM unnest(%s::uuid[], %s::timestamptz[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS made (id, created_at, conversation_id, parent_id, author, text, reasoning, model)
"""


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """Its parent comes before it. ``at`` is in seconds since 1970, and may be missing."""

    id: str
    parent: str | None
    author: str
    text: str
    reasoning: str
    model: str
    at: float | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A conversation of another program. ``files`` counts those that it does not bring."""

    source: str
    id: str
    title: str
    messages: Sequence[IncomingMessage]
    head: str | None
    created: float | None
    active: float | None
    files: int


def store(owner: uuid.UUID, workspace: uuid.UUID, conversations: Sequence[Incoming]) -> list[uuid.UUID]:
    """The ids of the new conversations, in their order. Foreign keys are checked at the commit."""
    if not conversations:
        return []
    today = now()
    heads: list[tuple[object, ...]] = []
    rows: list[tuple[object, ...]] = []
    for item in conversations:
        pk, created = uuid.uuid4(), _time(item.created, today, today)
        ids = {message.id: uuid.uuid4() for message in item.messages}
        rows += _message_rows(item, pk, ids, created, today)
        head = ids.get(item.head or "") or ids[item.messages[-1].id]
        heads.append(
            (pk, created, storable(item.title) or "Imported conversation", _time(item.active, created, today), head)
        )
    with connection.cursor() as cursor:
        cursor.execute(_CONVERSATIONS, [workspace, owner, *_columns(heads)])
        cursor.execute(_MESSAGES, _columns(rows))
    made = [uuid.UUID(str(row[0])) for row in heads]
    ImportOrigin.objects.bulk_create(
        ImportOrigin(conversation_id=pk, owner_id=owner, source=item.source, external_id=storable(item.id))
        for pk, item in zip(made, conversations, strict=True)
    )
    return made


def _message_rows(
    item: Incoming,
    conversation: uuid.UUID,
    ids: dict[str, uuid.UUID],
    created: datetime.datetime,
    today: datetime.datetime,
) -> list[tuple[object, ...]]:
    """A message without a time has that of the one before it."""
    rows: list[tuple[object, ...]] = []
    at = created
    for message in item.messages:
        at = _time(message.at, at, today)
        parent = ids[message.parent] if message.parent is not None else None
        texts = (storable(message.text), storable(message.reasoning), storable(message.model))
        rows.append((ids[message.id], at, conversation, parent, message.author, *texts))
    return rows


def _time(seconds: float | None, otherwise: datetime.datetime, latest: datetime.datetime) -> datetime.datetime:
    """Nothing was said in the future, whatever the clock of the other program showed."""
    return otherwise if seconds is None else min(datetime.datetime.fromtimestamp(seconds, datetime.UTC), latest)


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
