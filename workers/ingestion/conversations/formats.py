"""Which program wrote a conversation, by what it holds."""

import hashlib
import json
from types import ModuleType
from typing import Any

from workers.ingestion.conversations import chatgpt, librechat, openwebui, own
from workers.ingestion.conversations.shape import BadConversation, Conversation
from workers.ingestion.conversations.tree import checked

FORMATS: tuple[ModuleType, ...] = (own, chatgpt, openwebui, librechat)


def conversation(value: object) -> Conversation:
    """Raises BadConversation."""
    if not isinstance(value, dict):
        raise BadConversation("not_a_conversation")
    module = next((item for item in FORMATS if item.fits(value)), None)
    if module is None:
        raise BadConversation("not_a_conversation")
    found: Conversation = module.read(value)
    # Without an id of its own it is known again by what it holds.
    found.id = found.id or fingerprint(value)
    return checked(found)


def title_of(value: object) -> str:
    """For the list of those that could not be read."""
    if not isinstance(value, dict):
        return ""
    chat = value.get("chat")
    found = value.get("title") or (chat.get("title") if isinstance(chat, dict) else "")
    return found if isinstance(found, str) else ""


def fingerprint(value: dict[str, Any]) -> str:
    try:
        return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    except RecursionError:
        raise BadConversation("too_deep") from None
