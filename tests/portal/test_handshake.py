"""The handshake of a socket under uvicorn, as the appliance starts it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from launcher.options import Options
from launcher.programs import appliance_programs, free_port
from tests.house.source import ROOT

PROTOCOL = "appliance.handshake:SocketProtocol"
HANDSHAKE = (
    b"GET /ws/%b HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%b\r\n"
)


async def welcome(
    scope: Mapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(welcome, port=port, ws=PROTOCOL, lifespan="off", log_level="critical"))
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield port
    finally:
        server.should_exit = True
        await running


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        (b"", b"", b"101"),
        (b"", b"X-Large: " + b"a" * 20_000 + b"\r\n", b"431"),
        (b"", b"".join(b"X-%d: a\r\n" % number for number in range(300)), b"431"),
        (b"?" + b"a" * 20_000, b"", b"414"),
    ],
    ids=["fitting", "a large header", "many headers", "a long address"],
)
async def test_every_handshake_is_answered(query: bytes, headers: bytes, status: bytes) -> None:
    async with serving() as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE % (query, headers))
        assert (await reader.readline()).split(b" ")[1] == status
        if status != b"101":
            await reader.read()
        writer.close()


def test_compose_starts_the_portal_as_the_launcher_does() -> None:
    programs = appliance_programs(Options(root=ROOT, data=ROOT / "var"), {})
    launched = next(command.argv for command in programs.serving if command.name == "portal")
    dockerfile = (ROOT / "compose/portal/Dockerfile").read_text()
    contained: list[str] = json.loads(dockerfile.rpartition("\nCMD ")[2].replace("\\\n", ""))
    assert options(contained) == options(launched)
    assert {"--no-proxy-headers", PROTOCOL, "8192"} <= options(launched)


def options(argv: Sequence[str]) -> set[str]:
    """All but the program, the host and the port."""
    return set(argv[argv.index("--no-access-log") :])
