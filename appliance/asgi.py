"""The portal's entrance.

Pages and `/api` are synchronous Django and run whole in one pool thread a request: under ASGI each middleware that is
synchronous would cost a change of thread. Sockets and event streams are asynchronous and stay on the event loop.
"""

import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any, cast

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appliance.settings")
streaming = get_asgi_application()

from appliance.sockets import sockets  # noqa: E402 - consumers need the loaded apps
from portal.core.pages import PagesHandler  # noqa: E402

# More threads than database connections are of no use, and few keep the interpreter's lock free for the streams.
PAGE_THREADS = 8
# How long a thread may keep the interpreter's lock once another wants it, in seconds. Python's 5 ms, times the threads
# that work on questions, would be felt in every stream that this process passes on.
SWITCH_INTERVAL = 0.001

sys.setswitchinterval(SWITCH_INTERVAL)
pages = PagesHandler(PAGE_THREADS)


Application = Callable[..., Awaitable[None]]
Receive = Callable[[], Awaitable[Any]]


async def http(scope: dict[str, Any], receive: Receive, send: Application) -> None:
    # A header with an underscore could pass for the one with a dash that the edge proxy sets.
    scope = {**scope, "headers": [(name, value) for name, value in scope["headers"] if b"_" not in name]}
    path = scope["path"]
    stream = path.startswith("/api/runs/") and path.endswith("/events")
    chosen = cast(Application, streaming if stream else pages)
    await chosen(scope, receive, send)


application = cast(Application, ProtocolTypeRouter({"http": http, "websocket": sockets}))
if settings.TRUSTED_PROXIES:
    # uvicorn's own switch is off: by itself it would take the client's address from any program on this machine.
    application = cast(Application, ProxyHeadersMiddleware(application, settings.TRUSTED_PROXIES))
