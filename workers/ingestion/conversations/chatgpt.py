"""ChatGPT: ``conversations.json``, each with a ``mapping`` of nodes by id and the ``current_node``."""

from typing import Any

from workers.ingestion.conversations.shape import MODEL, PERSON, Conversation, Message
from workers.ingestion.conversations.values import key, moment, record, rows, text

_POINTERS = {"image_asset_pointer": "image", "audio_asset_pointer": "audio", "video_container_asset_pointer": "video"}


def fits(value: dict[str, Any]) -> bool:
    return isinstance(value.get("mapping"), dict)


def read(value: dict[str, Any]) -> Conversation:
    mapping = record(value.get("mapping"))
    messages = [_node(name, record(node)) for name, node in mapping.items()]
    _hand_on_thoughts(messages)
    return Conversation(
        source="chatgpt",
        id=key(value.get("conversation_id")) or key(value.get("id")),
        title=text(value.get("title")),
        messages=messages,
        head=key(value.get("current_node")),
        created=moment(value.get("create_time")),
        active=moment(value.get("update_time")),
    )


def _node(name: str, node: dict[str, Any]) -> Message:
    message = record(node.get("message"))
    about = record(message.get("metadata"))
    role = text(record(message.get("author")).get("role"))
    content = record(message.get("content"))
    said, thought, files = _content(content)
    files += [text(record(item).get("name")) or "a file" for item in rows(about.get("attachments"))]
    shown = role in ("user", "assistant") or (role == "tool" and bool(files))
    hidden = about.get("is_visually_hidden_from_conversation") is True or content.get("content_type") in _UNSHOWN
    return Message(
        id=key(name),
        parent=key(node.get("parent")) or None,
        author=PERSON if role == "user" else MODEL,
        text=said if role != "tool" else "",
        reasoning=thought,
        model=text(about.get("model_slug")) if role != "user" else "",
        at=moment(message.get("create_time")),
        files=files,
        keep=shown and not hidden and bool(said.strip() or files),
    )


_UNSHOWN = {"user_editable_context", "model_editable_context", "thoughts", "reasoning_recap"}


def _content(content: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Text, what the model thought, and the names of files."""
    kind = text(content.get("content_type"))
    if kind == "thoughts":
        thoughts = map(record, rows(content.get("thoughts")))
        return "", "\n\n".join(text(item.get("content")) or text(item.get("summary")) for item in thoughts), []
    if kind == "code":
        language = text(content.get("language"))
        fence = f"```{language if language.isalnum() and language != 'unknown' else ''}"
        return f"{fence}\n{text(content.get('text'))}\n```", "", []
    said, files = [], list[str]()
    for part in rows(content.get("parts")):
        pointer = text(record(part).get("content_type"))
        if isinstance(part, str):
            said.append(part)
        elif pointer in _POINTERS:
            files.append(_named(_POINTERS[pointer], record(part)))
        elif pointer == "audio_transcription":
            said.append(text(record(part).get("text")))
    if not said:
        said.append(text(content.get("text")) or text(content.get("result")))
    return "\n\n".join(filter(None, said)), "", files


def _named(kind: str, part: dict[str, Any]) -> str:
    """``file-service://file-abc`` is all that the export says of an image."""
    return f"{kind} {text(part.get('asset_pointer')).rpartition('/')[2]}".strip()


def _hand_on_thoughts(messages: list[Message]) -> None:
    """Thoughts are nodes of their own above the answer; nodes between them hold nothing that is shown."""
    by_id = {message.id: message for message in messages}
    for message in messages:
        if message.author != MODEL or not message.keep:
            continue
        above, found, steps = by_id.get(message.parent or ""), list[str](), 0
        while above is not None and not above.keep and above.author == MODEL and steps < 100:
            if above.reasoning:
                found.append(above.reasoning)
            above, steps = by_id.get(above.parent or ""), steps + 1
        message.reasoning = "\n\n".join(reversed(found))
