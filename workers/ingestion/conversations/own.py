"""What this appliance exports; ``docs/exports.md`` describes it."""

from typing import Any

from workers.ingestion.conversations.shape import MODEL, PERSON, BadConversation, Conversation, Message
from workers.ingestion.conversations.values import key, moment, record, rows, text

FORMAT = "private-ai.conversation"
VERSION = 1


def fits(value: dict[str, Any]) -> bool:
    return value.get("format") == FORMAT


def read(value: dict[str, Any]) -> Conversation:
    """Raises BadConversation: it is of a later version, or somebody else wrote a message."""
    if value.get("version") != VERSION:
        raise BadConversation("unknown_version")
    return Conversation(
        source="appliance",
        id=key(value.get("id")),
        title=text(value.get("title")),
        messages=[_message(record(item)) for item in rows(value.get("messages"))],
        head=key(value.get("head")),
        created=moment(value.get("created_at")),
        active=moment(value.get("active_at")),
    )


def _message(value: dict[str, Any]) -> Message:
    author = text(value.get("author"))
    if author not in (PERSON, MODEL):
        raise BadConversation("unknown_author")
    return Message(
        id=key(value.get("id")),
        parent=key(value.get("parent")) or None,
        author=author,
        text=text(value.get("text")),
        reasoning=text(value.get("reasoning")),
        model=text(value.get("model")),
        at=moment(value.get("created_at")),
    )
