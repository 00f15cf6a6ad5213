from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import URLRouter
from django.urls import path

from portal.workspace.consumers import StreamConsumer

websocket_urlpatterns = [path("ws/", StreamConsumer.as_asgi())]

_router = URLRouter(websocket_urlpatterns)


async def sockets(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Awaitable[None]]) -> None:
    """The sockets by their paths. Another path is refused; the router by itself would fail."""
    if any(route.pattern.match(scope["path"].lstrip("/")) for route in websocket_urlpatterns):
        await _router(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close"})
