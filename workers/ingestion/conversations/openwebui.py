"""Open WebUI: a list of chats, each with ``chat.history.messages`` by id and ``currentId``."""

import html
import re
from typing import Any

from workers.ingestion.conversations.shape import MODEL, PERSON, Conversation, Message
from workers.ingestion.conversations.values import key, moment, names, record, rows, text

# How Open WebUI keeps what a model thought, inside the answer.
_THOUGHTS = re.compile(r'<details type="reasoning"[^>]*>\s*(?:<summary>[^<]*</summary>)?(.*?)</details>\s*', re.DOTALL)
_QUOTED = re.compile(r"^> ?", re.MULTILINE)


def fits(value: dict[str, Any]) -> bool:
    chat = record(value.get("chat"))
    return "history" in chat or "messages" in chat


def read(value: dict[str, Any]) -> Conversation:
    chat = record(value.get("chat"))
    history = record(chat.get("history"))
    by_id = record(history.get("messages"))
    # Early versions kept a list beside the tree, and some exports have nothing else.
    found = list(by_id.items()) or _one_after_the_other(rows(chat.get("messages")))
    return Conversation(
        source="openwebui",
        id=key(value.get("id")) or key(chat.get("id")),
        title=text(value.get("title")) or text(chat.get("title")),
        messages=[_message(name, record(item)) for name, item in found],
        head=key(history.get("currentId")) or (key(found[-1][0]) if found and not by_id else None),
        created=moment(value.get("created_at")) or moment(chat.get("timestamp")),
        active=moment(value.get("updated_at")),
    )


def _one_after_the_other(listed: list[Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for number, item in enumerate(map(record, listed)):
        name = key(item.get("id")) or str(number)
        above = item.get("parentId") or (found[-1][0] if found else None)
        found.append((name, {**item, "parentId": above}))
    return found


def _message(name: str, value: dict[str, Any]) -> Message:
    role = text(value.get("role"))
    said, thought = _without_thoughts(_content(value.get("content")))
    return Message(
        id=key(name),
        parent=key(value.get("parentId")) or None,
        author=PERSON if role == "user" else MODEL,
        text=said,
        reasoning=thought,
        model=text(value.get("modelName")) or text(value.get("model")) if role != "user" else "",
        at=moment(value.get("timestamp")),
        files=names(value.get("files"), "name", "filename"),
        keep=role in ("user", "assistant"),
    )


def _content(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(text(record(part).get("text")) for part in value if record(part).get("type") == "text")
    return text(value)


def _without_thoughts(content: str) -> tuple[str, str]:
    if '<details type="reasoning"' not in content:
        return content, ""
    found = [_QUOTED.sub("", html.unescape(part).strip()) for part in _THOUGHTS.findall(content)]
    return _THOUGHTS.sub("", content).lstrip(), "\n\n".join(found)
