"""Pages under ASGI: what the server is told, whole bodies in and out, and bodies that are too large."""

import asyncio
import io
from collections import deque
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import pytest
from django.conf import settings

from portal.core.pages import PIECE_BYTES, PagesHandler, read_body

Sent = list[MutableMapping[str, Any]]


def scope(method: str, path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), *headers],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
    }


def exchange(asked: dict[str, Any], incoming: Iterable[Mapping[str, Any]]) -> Sent:
    sent: Sent = []
    messages = deque(incoming)

    async def receive() -> Mapping[str, Any]:
        return messages.popleft()

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(PagesHandler(threads=2)(asked, receive, send))
    return sent


def pieces(*bodies: bytes) -> list[Mapping[str, Any]]:
    last = len(bodies) - 1
    return [{"type": "http.request", "body": body, "more_body": index < last} for index, body in enumerate(bodies)]


def test_an_answer_is_one_message_after_its_head() -> None:
    """A body sent in two lets a client reuse the connection before the server counts the answer as complete."""
    head, body = exchange(scope("GET", "/healthz"), pieces(b""))
    assert head["status"] == 200
    assert body["body"]
    assert not body.get("more_body")


def test_of_a_body_over_the_limit_only_the_size_is_kept() -> None:
    """Also of one that does not announce its length: reading it then raises RequestDataTooBig."""
    messages = deque(pieces(b"x" * 60, b"x" * 60, b"x"))

    async def receive() -> Mapping[str, Any]:
        return messages.popleft()

    body = io.BytesIO()
    assert asyncio.run(read_body(receive, body, limit=100)) == 121
    assert body.getvalue() == b""


def test_a_client_that_goes_away_is_not_answered() -> None:
    assert exchange(scope("POST", "/sign-in/"), [*pieces(b"a", b"b")[:1], {"type": "http.disconnect"}]) == []


def test_a_long_file_arrives_whole_in_pieces(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytes(range(256)) * (PIECE_BYTES // 256 * 2 + 1)
    root = tmp_path_factory.mktemp("static")
    (root / "long.bin").write_bytes(content)
    monkeypatch.setattr(settings, "STATIC_ROOT", str(root))
    head, *bodies = exchange(scope("GET", "/static/long.bin"), pieces(b""))
    assert head["status"] == 200
    assert b"".join(body.get("body", b"") for body in bodies) == content
    assert len(bodies) > 2
