"""Exports as other chat programs write them, in their shapes and with our own words."""

import io
import json
import zipfile
from typing import Any

# 14 November 2023, 22:13:20 UTC.
BEGUN = 1_700_000_000
NO_PARENT = "00000000-0000-0000-0000-000000000000"


def openwebui(name: str = "chat-1", *, title: str = "Containers", turns: int = 1, **chat: Any) -> dict[str, Any]:
    """Two answers to the first question; the second one is shown, and the conversation goes on below it."""
    messages: dict[str, dict[str, Any]] = {}
    above: str | None = None
    for turn in range(turns):
        asked, answers = f"{name}-q{turn}", [f"{name}-a{turn}"] + ([f"{name}-b{turn}"] if turn == 0 else [])
        messages[asked] = {
            "id": asked,
            "parentId": above,
            "childrenIds": answers,
            "role": "user",
            "content": f"Where is container {turn}?",
            "timestamp": BEGUN + 10 * turn,
            "models": ["qwen3:8b", "llama3:8b"],
        }
        for number, answer in enumerate(answers):
            messages[answer] = {
                "id": answer,
                "parentId": asked,
                "childrenIds": [],
                "role": "assistant",
                "content": f"In bay {turn}, says answer {number}.",
                "model": ("qwen3:8b", "llama3:8b")[number],
                "timestamp": BEGUN + 10 * turn + 1 + number,
                "done": True,
            }
        above = answers[-1]
    return {
        "id": name,
        "user_id": "someone",
        "title": title,
        "created_at": BEGUN,
        "updated_at": BEGUN + 10 * turns,
        "archived": False,
        "pinned": False,
        "meta": {"tags": []},
        "chat": {
            "title": title,
            "models": ["qwen3:8b"],
            "history": {"messages": messages, "currentId": above},
            "messages": [],
            "files": [],
            "timestamp": BEGUN * 1_000,
        }
        | chat,
    }


def _libre(name: str, parent: str, text: str, *, person: bool, at: str, **more: Any) -> dict[str, Any]:
    return {
        "messageId": name,
        "conversationId": "libre-1",
        "parentMessageId": parent,
        "sender": "User" if person else "Mixtral",
        "isCreatedByUser": person,
        "text": text,
        "error": False,
        "createdAt": at,
        "model": None if person else "mixtral",
    } | more


def librechat() -> dict[str, Any]:
    """Flat, with a branch."""
    return {
        "conversationId": "libre-1",
        "endpoint": "custom",
        "title": "Customs",
        "exportAt": "10:00:00 GMT+0000",
        "branches": True,
        "recursive": False,
        "options": {"model": "mixtral"},
        "messages": [
            _libre("l1", NO_PARENT, "What is an EORI number?", person=True, at="2024-03-01T10:00:00.000Z"),
            _libre("l2", "l1", "A number for customs.", person=False, at="2024-03-01T10:00:05.000Z"),
            _libre("l3", "l1", "It names who trades.", person=False, at="2024-03-01T10:01:00.000Z"),
            _libre(
                "l4",
                "l3",
                "",
                person=True,
                at="2024-03-01T10:02:00.000Z",
                content=[{"type": "text", "text": {"value": "Is this one?"}}],
                files=[{"filename": "invoice.pdf"}],
            ),
            _libre(
                "l5",
                "l4",
                "",
                person=False,
                at="2024-03-01T10:02:09.000Z",
                content=[{"type": "think", "think": "It begins with DE."}, {"type": "text", "text": "Yes."}],
            ),
        ],
    }


def librechat_recursive() -> dict[str, Any]:
    """The same as a tree."""
    flat = librechat()
    listed = flat.pop("messages")
    for message in listed:
        message["children"] = [child for child in listed if child["parentMessageId"] == message["messageId"]]
    return flat | {"recursive": True, "messagesTree": [listed[0]]}


def _node(name: str, parent: str | None, message: dict[str, Any] | None, children: list[str]) -> dict[str, Any]:
    return {"id": name, "parent": parent, "children": children, "message": message}


def _said(name: str, role: str, parts: list[Any], at: float, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": at,
        "content": {"content_type": "text", "parts": parts},
        "status": "finished_successfully",
        "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
        "recipient": "all",
    } | more


def chatgpt(name: str = "gpt-1", *, title: str = "Ports") -> dict[str, Any]:
    """A root without a message, a system message, a picture, thoughts, a hidden node and an edited question."""
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-Abc", "width": 10}
    picture = {"content_type": "multimodal_text", "parts": [pointer, "What is in this picture?"]}
    hidden = {"is_visually_hidden_from_conversation": True}
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Looking", "content": "A crane."}]}
    nodes = [
        _node("root", None, None, ["sys"]),
        _node("sys", "root", _said("sys", "system", [""], BEGUN, metadata=hidden), ["u1", "u2"]),
        _node("u1", "sys", _said("u1", "user", ["What is in it?"], BEGUN + 1), ["a1"]),
        _node("a1", "u1", _said("a1", "assistant", ["Nothing."], BEGUN + 2), []),
        _node("u2", "sys", _said("u2", "user", [], BEGUN + 3, content=picture), ["t2"]),
        _node("t2", "u2", _said("t2", "assistant", [], BEGUN + 4, content=thoughts), ["a2"]),
        _node("a2", "t2", _said("a2", "assistant", ["A crane in the ", "harbour."], BEGUN + 5), []),
    ]
    return {
        "title": title,
        "create_time": float(BEGUN),
        "update_time": BEGUN + 5.5,
        "mapping": {node["id"]: node for node in nodes},
        "current_node": "a2",
        "conversation_id": name,
        "default_model_slug": "gpt-4o",
    }


def as_bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()
