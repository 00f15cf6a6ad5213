"""LibreChat: a conversation a file; ``messages`` flat or a tree of ``children`` (``recursive``, ``messagesTree``)."""

from typing import Any

from workers.ingestion.conversations.shape import MODEL, MOST_MESSAGES, PERSON, BadConversation, Conversation, Message
from workers.ingestion.conversations.values import key, moment, names, record, rows, text

# The parent of a message that begins a conversation.
NO_PARENT = "00000000-0000-0000-0000-000000000000"


def fits(value: dict[str, Any]) -> bool:
    return "conversationId" in value and ("messages" in value or "messagesTree" in value)


def read(value: dict[str, Any]) -> Conversation:
    found: list[Message] = []
    # Older exports give the tree as one record whose children are the messages.
    listed = value.get("messagesTree") or value.get("messages")
    waiting = [(None, item) for item in reversed(_listed(listed))]
    above: str | None
    while waiting:
        above, item = waiting.pop()
        message = _message(record(item), above, len(found))
        found.append(message)
        if len(found) > MOST_MESSAGES:
            raise BadConversation("too_many_messages")
        waiting += [(message.id, child) for child in reversed(rows(record(item).get("children")))]  # type: ignore[misc]
    endpoint = text(value.get("endpoint"))
    options = record(value.get("options"))
    for message in found:
        if message.author == MODEL and not message.model:
            message.model = text(options.get("model")) or endpoint
    return Conversation(
        source="librechat",
        id=key(value.get("conversationId")),
        title=text(value.get("title")),
        messages=found,
        head=found[-1].id if found and value.get("branches") is not True else None,
        created=moment(value.get("createdAt")),
        active=moment(value.get("updatedAt")),
    )


def _listed(value: object) -> list[Any]:
    if isinstance(value, dict):
        return rows(value.get("children"))
    return rows(value)


def _message(value: dict[str, Any], above: str | None, number: int) -> Message:
    parent = key(value.get("parentMessageId"))
    is_person = value.get("isCreatedByUser") is True or text(value.get("sender")).casefold() == "user"
    said, thought = _content(value)
    return Message(
        id=key(value.get("messageId")) or f"message {number}",
        parent=parent if parent and parent != NO_PARENT else above,
        author=PERSON if is_person else MODEL,
        text=said,
        reasoning=thought,
        model="" if is_person else text(value.get("model")),
        at=moment(value.get("createdAt")) or moment(value.get("clientTimestamp")),
        files=names(value.get("files"), "filename", "name") + names(value.get("attachments"), "filename", "name"),
        keep=value.get("error") is not True,
    )


def _content(value: dict[str, Any]) -> tuple[str, str]:
    """Text, and what the model thought; newer messages have both as parts."""
    said, thought = [], []
    for part in map(record, rows(value.get("content"))):
        kind = text(part.get("type"))
        shown = part.get(kind)
        found = text(shown) or text(record(shown).get("value"))
        if kind == "text":
            said.append(found)
        elif kind == "think":
            thought.append(found)
    return "\n\n".join(filter(None, said)) or text(value.get("text")), "\n\n".join(filter(None, thought))
