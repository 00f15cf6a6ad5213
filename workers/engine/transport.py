"""HTTP to one engine: the session, the headers, and aiohttp's errors made into the engine's."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from workers.engine.address import EngineAddress
from workers.engine.errors import (
    EngineInterrupted,
    EngineProtocolError,
    EngineTimeout,
    EngineUnavailable,
    from_status,
)

_ERROR_BODY_LIMIT: Final = 64 * 1024
_PROBE_BODY_LIMIT: Final = 8 * 1024 * 1024
# The ids of a million tokens, as JSON.
_ANSWER_BODY_LIMIT: Final = 64 * 1024 * 1024


@dataclass(slots=True)
class EngineTransport:
    """Requests to one engine; belongs to one event loop.

    Args:
        shared_session: used instead of an own one and left open; not for unix sockets.
    """

    address: EngineAddress
    api_key: str | None = field(default=None, repr=False)
    shared_session: aiohttp.ClientSession | None = None
    _own_session: aiohttp.ClientSession | None = field(init=False, default=None)

    async def close(self) -> None:
        if self._own_session is not None:
            await self._own_session.close()
            self._own_session = None

    async def post_stream(self, path: str, payload: bytes, *, connect: float, answer: float) -> aiohttp.ClientResponse:
        """Post JSON and return the open event stream.

        Args:
            connect: seconds until the connection must stand.
            answer: seconds until the response must begin.

        Raises:
            EngineError: typed by what went wrong; the connection is closed then.
        """
        headers = self._headers() | {"Content-Type": "application/json", "Accept": "text/event-stream"}
        try:
            async with asyncio.timeout(answer):
                response = await self._session().post(
                    self.address.base_url + path,
                    data=payload,
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect),
                    allow_redirects=False,
                )
                return await _event_stream(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise EngineUnavailable from error
        except TimeoutError as error:
            raise EngineTimeout from error
        except aiohttp.ServerDisconnectedError as error:
            raise EngineInterrupted("The engine closed the connection without an answer.") from error
        except aiohttp.ClientResponseError as error:
            raise EngineProtocolError from error
        except (aiohttp.ClientError, OSError) as error:
            raise EngineInterrupted from error

    async def get(self, path: str, *, seconds: float) -> bytes:
        """The body of `path`, answered whole within `seconds`.

        Raises:
            EngineError: no answer, too late, or another status than 200.
        """
        return await self._whole("GET", path, None, seconds, _PROBE_BODY_LIMIT)

    async def post(self, path: str, payload: bytes, *, seconds: float) -> bytes:
        """As `get`, with a JSON body; for answers that may be long."""
        return await self._whole("POST", path, payload, seconds, _ANSWER_BODY_LIMIT)

    async def _whole(self, method: str, path: str, payload: bytes | None, seconds: float, limit: int) -> bytes:
        headers = self._headers() | ({} if payload is None else {"Content-Type": "application/json"})
        asked = self._session().request(
            method, self.address.base_url + path, data=payload, headers=headers, allow_redirects=False
        )
        try:
            async with asyncio.timeout(seconds), asked as response:
                body = await _read_limited(response, limit)
        except TimeoutError as error:
            raise EngineTimeout from error
        except aiohttp.ClientResponseError as error:
            raise EngineProtocolError from error
        except (aiohttp.ClientError, OSError) as error:
            raise EngineUnavailable from error
        if response.status != 200:
            raise from_status(response.status, body, response.headers.get("Retry-After"))
        return body

    def _session(self) -> aiohttp.ClientSession:
        if self.shared_session is not None and self.address.socket is None:
            return self.shared_session
        if self._own_session is None:
            self._own_session = self._make_session()
        return self._own_session

    def _make_session(self) -> aiohttp.ClientSession:
        # Connections are not reused: one that the engine closes between two requests would fail
        # a question that was never asked, and a local connection costs a fraction of a token.
        connector: aiohttp.BaseConnector
        if self.address.socket is not None:
            connector = aiohttp.UnixConnector(str(self.address.socket), limit=0, force_close=True)
        else:
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}


async def _event_stream(response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
    """`response` when it is an event stream; else its typed error, the connection closed."""
    try:
        if response.status != 200:
            body = await _read_limited(response, _ERROR_BODY_LIMIT)
            raise from_status(response.status, body, response.headers.get("Retry-After"))
        if response.content_type != "text/event-stream":
            raise EngineProtocolError
    except BaseException:  # whatever ends the request, cancellation included, ends the connection
        response.close()
        raise
    return response


async def _read_limited(response: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    while len(body) < limit and (chunk := await response.content.readany()):
        body += chunk
    return bytes(body[:limit])
