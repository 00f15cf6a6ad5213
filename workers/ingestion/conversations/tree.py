"""From messages that name their parents to a tree that can be stored."""

from collections.abc import Iterable

from workers.ingestion.conversations.shape import (
    LONGEST_MODEL,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_MESSAGES,
    BadConversation,
    Conversation,
    Message,
)

LONGEST_FILE_NAME = 120
MOST_FILES_NAMED = 50


def checked(found: Conversation) -> Conversation:
    """The conversation with parents before children, without the messages that are not kept.

    A message whose parent is missing begins a branch of its own.

    Raises:
        BadConversation: a message stands twice, messages go round in a circle, there are too many, or one is too long.
    """
    if len(found.messages) > MOST_MESSAGES:
        raise BadConversation("too_many_messages")
    by_id: dict[str, Message] = {}
    for message in found.messages:
        if message.id in by_id:
            raise BadConversation("duplicate_message")
        by_id[message.id] = message
    ordered = _parents_first(by_id)
    above = _kept_above(ordered)
    kept = [message for message in ordered if message.keep]
    for message in kept:
        message.parent = above.get(message.parent)
        _finish(message)
    if not kept:
        raise BadConversation("empty")
    # A message that is not kept leads to the nearest one above it that is.
    found.head = above.get(found.head or "") or max(reversed(kept), key=lambda item: item.at or 0).id
    found.messages = kept
    found.files = sum(len(message.files) for message in kept)
    found.title = shortened(found.title, LONGEST_TITLE)
    times = [message.at for message in kept if message.at is not None]
    found.active = found.active or max(times, default=None)
    found.created = found.created or min(times, default=found.active)
    return found


def shortened(text: str, most: int) -> str:
    words = " ".join(text[: most * 4].split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _parents_first(by_id: dict[str, Message]) -> list[Message]:
    children: dict[str | None, list[str]] = {}
    for message in by_id.values():
        children.setdefault(message.parent if message.parent in by_id else None, []).append(message.id)
    ordered: list[Message] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        message = by_id[waiting.pop()]
        ordered.append(message)
        waiting += reversed(children.get(message.id, []))
    if len(ordered) != len(by_id):
        raise BadConversation("cycle")
    return ordered


def _kept_above(ordered: Iterable[Message]) -> dict[str | None, str | None]:
    """For each message itself where it is kept, else the nearest one above that is."""
    found: dict[str | None, str | None] = {}
    for message in ordered:
        found[message.id] = message.id if message.keep else found.get(message.parent)
    return found


def _finish(message: Message) -> None:
    """Files stay behind; their names stay in the text."""
    message.model = shortened(message.model, LONGEST_MODEL)
    if message.files:
        shown = message.files[:MOST_FILES_NAMED]
        named = [f"Attached: {shortened(name, LONGEST_FILE_NAME)}, not imported" for name in shown]
        if len(shown) < len(message.files):
            named.append(f"Attached: {len(message.files) - len(shown)} more, not imported")
        message.text = "\n\n".join(part for part in (message.text.rstrip(), "\n".join(named)) if part)
    if len(message.text) > LONGEST_TEXT or len(message.reasoning) > LONGEST_TEXT:
        raise BadConversation("message_too_long")
