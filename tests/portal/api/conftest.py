"""A browser's side of /ws/, at the address of the appliance."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings

from appliance.sockets import sockets
from portal.chat.watch import news
from portal.chat.watch import watch as conversations
from portal.core.threads import in_database_thread
from portal.departments.watch import watch
from portal.notices.watch import watch as notices
from portal.runs import stream
from portal.workspace.presence import forget_presence
from tests.conftest import ClientOf
from tests.people import Company

HOST = "appliance.example"
ORIGIN = f"https://{HOST}"


class Socket(ApplicationCommunicator):
    """Channels' own communicator needs a server package that we do not use."""

    def __init__(self, headers: list[tuple[bytes, bytes]], path: str = "/ws/") -> None:
        scope = {"type": "websocket", "path": path, "headers": headers, "query_string": b"", "subprotocols": []}
        super().__init__(sockets, scope)

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return bool((await self.receive_output(10))["type"] == "websocket.accept")

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(10)


Open = Callable[..., Awaitable[Socket]]


@pytest.fixture
def at_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", [HOST])
    monkeypatch.setattr(settings, "HTTPS", True)


@pytest.fixture
async def open_socket(live_company: Company, client_of: ClientOf, at_its_address: None) -> AsyncIterator[Open]:
    """Opens sockets of people as their browsers would; the process's hub and watch are as new in each test."""
    opened: list[Socket] = []

    async def connect(
        name: str | None = "alice", *, origin: str | None = ORIGIN, host: str = HOST, path: str = "/ws/"
    ) -> Socket:
        headers = [(b"host", host.encode("latin-1"))]
        if origin is not None:
            headers.append((b"origin", origin.encode("latin-1")))
        if name is not None:
            client = await in_database_thread(client_of, live_company, name)
            key = client.cookies[settings.SESSION_COOKIE_NAME].value
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={key}".encode()))
        opened.append(Socket(headers, path))
        return opened[-1]

    try:
        yield connect
        for socket in opened:
            await socket.leave()
    finally:
        await forget_process_state()


async def forget_process_state() -> None:
    if stream._hub is not None:
        await stream._hub.stop()
        stream._hub = None
    await forget_presence()
    for listening in (watch, notices, conversations, news):
        if listening._task is not None:
            listening._task.cancel()
            await asyncio.gather(listening._task, return_exceptions=True)
            listening._task = None
