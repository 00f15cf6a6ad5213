"""Django's synchronous request handling under ASGI: each request runs whole in one pool thread.

Django's own ASGI handler changes threads for every synchronous middleware and reads whole files into memory. Here the
body is read on the event loop, so that a slow client holds no thread; one thread runs middleware and view; and an
answer that fits into one message is sent as one.
"""

import asyncio
import contextvars
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any, ParamSpec, TypeVar, cast

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import set_script_prefix

P = ParamSpec("P")
R = TypeVar("R")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Files are read and sent in pieces of this size; a smaller one is one message.
PIECE_BYTES = 256 * 1024
# The one address that takes files.
UPLOADS = "/api/files"
# Of a body over the limit so much is read and thrown away, so that its sender gets to read the answer.
DRAINED_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """``rest`` yields what follows the first piece of a long body; its response is still open."""

    response: HttpResponse | StreamingHttpResponse
    piece: bytes
    rest: Iterator[bytes] | None = None


class PagesHandler(ASGIHandler):
    """``threads``: how many requests are worked on at once; more wait in line."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pages")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with tempfile.SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE) as body:
            try:
                size = await read_body(receive, body, body_limit(scope))
            except RequestAborted:
                return
            answer = await self._in_thread(self._answer, scope, body, size)
        await send({"type": "http.response.start", "status": answer.response.status_code, "headers": headers(answer)})
        if answer.rest is None:
            await send({"type": "http.response.body", "body": answer.piece})
            return
        try:
            piece = answer.piece
            while piece:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await self._in_thread(next, answer.rest, b"")
            await send({"type": "http.response.body"})
        finally:
            await self._in_thread(answer.response.close)

    def _answer(self, scope: Scope, body: IO[bytes], size: int) -> Answer:
        """The whole request; its database connection is given back in the thread that used it."""
        response = self._respond(scope, body, size)
        if isinstance(response, HttpResponse):
            response.close()
            return Answer(response, response.content)
        if isinstance(response, FileResponse):
            response.block_size = PIECE_BYTES
        pieces = iter(response)
        first, second = next(pieces, b""), next(pieces, b"")
        if not second:
            response.close()
            return Answer(response, first)
        close_old_connections()
        return Answer(response, first, chain([second], pieces))

    def _respond(self, scope: Scope, body: IO[bytes], size: int) -> HttpResponse | StreamingHttpResponse:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        if request is None:
            return cast(HttpResponse, refusal)
        # What came, not what was announced: reading a body over the limit raises RequestDataTooBig.
        request.META["CONTENT_LENGTH"] = str(size)
        return cast(HttpResponse | StreamingHttpResponse, self.get_response(request))

    async def _in_thread(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: context.run(work, *args, **kwargs))


def body_limit(scope: Scope) -> int:
    """Bytes that a request's body may hold; forms that bring files have a limit of their own."""
    if (scope["method"], scope["path"]) == ("POST", UPLOADS):
        kind = dict(scope["headers"]).get(b"content-type", b"")
        if kind.startswith(b"multipart/form-data"):
            return max(settings.UPLOAD_LIMIT, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


async def read_body(receive: Receive, body: IO[bytes], limit: int) -> int:
    """Read the request's body into ``body`` and return its size in bytes. Of a body over ``limit`` nothing is kept.

    Raises:
        RequestAborted: the client went away, or does not stop sending.
    """
    size = 0
    more = True
    while more:
        message = await receive()
        piece = message.get("body", b"")
        size += len(piece)
        if message["type"] == "http.disconnect" or size > limit + DRAINED_BYTES:
            raise RequestAborted
        if size <= limit:
            body.write(piece)
        more = message.get("more_body", False)
    body.seek(0)
    if size > limit:
        body.truncate()
    return size


def headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    found = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in answer.response.items()]
    cookies = answer.response.cookies.values()
    return found + [(b"set-cookie", cookie.output(header="").strip().encode("ascii")) for cookie in cookies]
