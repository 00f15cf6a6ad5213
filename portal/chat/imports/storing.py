"""Conversations with the times that they had."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from portal.accounts.language import language_of
from portal.chat.choices import TitledBy
from portal.chat.imports.models import ImportOrigin
from portal.chat.models import Conversation, Message
from portal.core.clock import now
from portal.core.models import BaseModel
from portal.core.text import storable

M = TypeVar("M", bound=BaseModel)

# The ORM fills ``created_at`` with today's time, whatever it is given.
_CREATED = """
UPDATE {table} SET created_at = made.created_at FROM unnest(%s::uuid[], %s::timestamptz[]) AS made (id, created_at)
WHERE {table}.id = made.id
"""
AT_ONCE = 1_000


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
    today = now()
    with translation.override(language_of(owner)):
        untitled = _("Imported conversation")
    made: list[Conversation] = []
    messages: list[Message] = []
    for item in conversations:
        conversation = Conversation(
            owner_id=owner,
            workspace_id=workspace,
            title=storable(item.title) or untitled,
            # The model does not look for another one.
            titled_by=TitledBy.PERSON,
            created_at=_time(item.created, today, today),
        )
        conversation.active_at = _time(item.active, conversation.created_at, today)
        found = _messages(item, conversation, today)
        conversation.head = found.get(item.head or "") or found[item.messages[-1].id]
        made.append(conversation)
        messages += found.values()
    _save(Conversation, made)
    _save(Message, messages)
    ImportOrigin.objects.bulk_create(
        ImportOrigin(conversation=conversation, owner_id=owner, source=item.source, external_id=storable(item.id))
        for conversation, item in zip(made, conversations, strict=True)
    )
    return [conversation.pk for conversation in made]


def _messages(item: Incoming, conversation: Conversation, today: datetime.datetime) -> dict[str, Message]:
    """By their ids in the file. A message without a time has that of the one before it."""
    found: dict[str, Message] = {}
    at = conversation.created_at
    for message in item.messages:
        at = _time(message.at, at, today)
        found[message.id] = Message(
            conversation=conversation,
            parent=found[message.parent] if message.parent is not None else None,
            author=message.author,
            text=storable(message.text),
            reasoning=storable(message.reasoning),
            model=storable(message.model),
            created_at=at,
        )
    return found


def _save(model: type[M], rows: Sequence[M]) -> None:
    created = [(row.pk, row.created_at) for row in rows]
    model._default_manager.bulk_create(rows, batch_size=AT_ONCE)
    with connection.cursor() as cursor:
        statement = _CREATED.format(table=model._meta.db_table)
        cursor.execute(statement, [[pk for pk, _ in created], [at for _, at in created]])


def _time(seconds: float | None, otherwise: datetime.datetime, latest: datetime.datetime) -> datetime.datetime:
    """Nothing was said in the future, whatever the clock of the other program showed."""
    return otherwise if seconds is None else min(datetime.datetime.fromtimestamp(seconds, datetime.UTC), latest)
