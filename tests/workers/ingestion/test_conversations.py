"""The exports of other programs, read by the real child process: what comes out, and what bad files do."""

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.foreign_exports import (
    BEGUN,
    as_bytes,
    chatgpt,
    librechat,
    librechat_recursive,
    openwebui,
    zipped,
)
from tests.house.source import ROOT

Line = dict[str, Any]


def read(content: bytes, skip: int = 0) -> list[Line]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        done = subprocess.run(
            [sys.executable, "-m", "workers.ingestion.conversations.child", str(skip)],
            stdin=file,
            capture_output=True,
            cwd=ROOT,
            env={"LC_ALL": "C.UTF-8"},
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def one(value: object) -> Line:
    first, last = read(as_bytes(value))
    assert last == {"end": ""}
    found: Line = first["conversation"]
    return found


def outline(found: Line) -> list[tuple[str | None, str, str, str]]:
    """Parent's text, author, model and text of each message."""
    texts = {message["id"]: message["text"] for message in found["messages"]}
    return [
        (texts.get(message["parent"]), message["author"], message["model"], message["text"])
        for message in found["messages"]
    ]


def problems(content: bytes) -> list[str]:
    lines = read(content)
    return [line.get("problem") or line.get("end") or "" for line in lines]


def test_open_webui() -> None:
    found = one([openwebui(turns=2)])
    second = "In bay 0, says answer 1."
    assert outline(found) == [
        (None, "user", "", "Where is container 0?"),
        ("Where is container 0?", "assistant", "qwen3:8b", "In bay 0, says answer 0."),
        ("Where is container 0?", "assistant", "llama3:8b", second),
        (second, "user", "", "Where is container 1?"),
        ("Where is container 1?", "assistant", "qwen3:8b", "In bay 1, says answer 0."),
    ]
    assert (found["source"], found["id"], found["title"]) == ("openwebui", "chat-1", "Containers")
    assert (found["head"], found["created"], found["active"]) == ("chat-1-a1", BEGUN, BEGUN + 20)


def test_open_webui_keeps_thoughts_apart_and_names_files() -> None:
    chat = openwebui()
    messages = chat["chat"]["history"]["messages"]
    messages["chat-1-q0"]["files"] = [{"type": "file", "name": "report.pdf"}, {"file": {"filename": "b.csv"}}, {}]
    summary = '<details type="reasoning" done="true" duration="2">\n<summary>Thought</summary>'
    thought = f"{summary}\n&gt; Bay &lt;7&gt;?\n</details>\n"
    messages["chat-1-b0"]["content"] = f"{thought}Here."
    found = one([chat])
    assert found["messages"][0]["text"] == (
        "Where is container 0?\n\nAttached: report.pdf, not imported\nAttached: b.csv, not imported\n"
        "Attached: a file, not imported"
    )
    assert found["files"] == 3
    assert (found["messages"][2]["text"], found["messages"][2]["reasoning"]) == ("Here.", "Bay <7>?")


@pytest.mark.parametrize("export", [librechat, librechat_recursive])
def test_libre_chat(export: Callable[[], Line]) -> None:
    found = one(export())
    assert outline(found) == [
        (None, "user", "", "What is an EORI number?"),
        ("What is an EORI number?", "assistant", "mixtral", "A number for customs."),
        ("What is an EORI number?", "assistant", "mixtral", "It names who trades."),
        ("It names who trades.", "user", "", "Is this one?\n\nAttached: invoice.pdf, not imported"),
        ("Is this one?\n\nAttached: invoice.pdf, not imported", "assistant", "mixtral", "Yes."),
    ]
    assert (found["source"], found["id"], found["head"]) == ("librechat", "libre-1", "l5")
    assert found["messages"][-1]["reasoning"] == "It begins with DE."
    assert found["active"] == found["messages"][-1]["at"]


@pytest.mark.parametrize("packed", [False, True])
def test_chatgpt(packed: bool) -> None:
    content = as_bytes([chatgpt()])
    files = {"user.json": b"{}", "chat.html": b"<html>", "conversations.json": content, "file-Abc.png": b"\x89PNG"}
    first, _ = read(zipped(files) if packed else content)
    found = first["conversation"]
    question = "What is in this picture?\n\nAttached: image file-Abc, not imported"
    assert outline(found) == [
        (None, "user", "", "What is in it?"),
        ("What is in it?", "assistant", "gpt-4o", "Nothing."),
        (None, "user", "", question),
        (question, "assistant", "gpt-4o", "A crane in the \n\nharbour."),
    ]
    assert (found["id"], found["head"], found["active"]) == ("gpt-1", "a2", BEGUN + 5.5)
    assert found["messages"][-1]["reasoning"] == "A crane."


def test_the_first_ones_are_skipped_where_they_were_read_before() -> None:
    content = as_bytes([openwebui(f"chat-{number}") for number in range(5)])
    assert [line.get("n") for line in read(content, skip=3)] == [4, 5, None]


def _cycle() -> Line:
    chat = openwebui("cycle")
    chat["chat"]["history"]["messages"]["cycle-q0"]["parentId"] = "cycle-a0"
    return chat


def _nested(depth: int) -> bytes:
    return b'{"title":"deep","chat":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"


BAD_CONVERSATIONS: dict[str, tuple[bytes, str]] = {
    "a circle": (as_bytes(_cycle()), "cycle"),
    "a message twice": (as_bytes(librechat() | {"messages": [librechat()["messages"][0]] * 2}), "duplicate_message"),
    "nothing in it": (as_bytes(openwebui("empty", history={"messages": {}})), "empty"),
    "a list": (b"[1, 2]", "not_a_conversation"),
    "something else": (b'{"name": "x"}', "not_a_conversation"),
    "deep": (_nested(9_000), "too_deep"),
    "an id of 4,000 characters": (as_bytes(openwebui("x" * 4_000)), "bad_id"),
    "a later version": (b'{"format": "private-ai.conversation", "version": 99}', "unknown_version"),
    "too much text": (as_bytes(openwebui("long", title="t" * 33_000_000)), "too_large"),
    "the same id": (as_bytes(openwebui("good")), "duplicate_id"),
}


@pytest.mark.parametrize(("bad", "code"), BAD_CONVERSATIONS.values(), ids=BAD_CONVERSATIONS)
def test_one_bad_conversation_leaves_the_others(bad: bytes, code: str) -> None:
    good, after = as_bytes(openwebui("good")), as_bytes(openwebui("after"))
    lines = read(b"[" + good + b"," + bad + b"," + after + b"]")
    assert [line.get("problem") or line.get("end") or "read" for line in lines[:-1]] == ["read", code, "read"]
    assert lines[-1] == {"end": ""}


BOMB = zipped({"conversations.json": b"[" + b" " * 200_000_000 + b"]"})
BAD_FILES: dict[str, tuple[bytes, list[str]]] = {
    "empty": (b"", ["truncated"]),
    "cut off": (as_bytes([openwebui("a"), openwebui("b")])[:-40], ["", "truncated"]),
    "a page": (b"<!doctype html><html></html>", ["not_json"]),
    "no UTF-8": (b'["\xff\xfe"]', ["not_json"]),
    "what follows the end": (as_bytes([openwebui()]) + b"{}", ["", "not_json"]),
    "no conversations": (b"[]", ["no_conversations"]),
    "brackets without end": (b"[" * 50_000_000, ["too_deep"]),
    "a string without end": (b'["' + b"x" * 180_000_000, ["too_large"]),
    "a zip bomb": (BOMB, ["zip_bomb"]),
    "a ZIP that is cut off": (zipped({"conversations.json": b"[]"})[:-20], ["bad_zip"]),
    "a ZIP of other things": (zipped({"photo.png": b"\x89PNG"}), ["no_conversations"]),
    "one bad file of two": (zipped({"a.json": b"{", "b.json": as_bytes(openwebui())}), ["truncated", "", ""]),
}


@pytest.mark.parametrize(("content", "expected"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_has_a_clear_end(content: bytes, expected: list[str]) -> None:
    """And soon: each within ten seconds, in 512 MB, which the child sets itself."""
    began = time.monotonic()
    assert problems(content) == expected
    assert time.monotonic() - began < 10


def test_an_encrypted_zip_says_so() -> None:
    content = bytearray(zipped({"conversations.json": b"[]"}, method=zipfile.ZIP_STORED))
    for place, offset in ((content.find(b"PK\x03\x04"), 6), (content.find(b"PK\x01\x02"), 8)):
        content[place + offset] |= 1
    assert problems(bytes(content)) == ["encrypted"]


def test_a_byte_order_mark_and_odd_values_do_no_harm() -> None:
    chat = openwebui()
    chat["chat"]["history"]["messages"]["chat-1-q0"] |= {"timestamp": "yesterday", "content": None}
    chat |= {"created_at": 1e300, "updated_at": True, "title": ["?"]}
    first, _ = read(b"\xef\xbb\xbf" + as_bytes([chat]))
    assert first["conversation"]["messages"][0]["at"] is None


def test_a_conversation_of_a_thousand_nested_messages_is_read() -> None:
    """LibreChat writes each message inside the one before it."""
    made = librechat_recursive()
    leaf = {"messageId": "n2000", "text": "last", "isCreatedByUser": True, "children": list[Any]()}
    for number in reversed(range(2_000)):
        leaf = {"messageId": f"n{number}", "text": "x", "isCreatedByUser": True, "children": [leaf]}
    text = json.dumps({**made, "messagesTree": "HERE"})
    sys.setrecursionlimit(20_000)
    try:
        nested = json.dumps([leaf])
    finally:
        sys.setrecursionlimit(1_000)
    first, _ = read(text.replace('"HERE"', nested).encode())
    assert len(first["conversation"]["messages"]) == 2_001
