"""What can go wrong with an engine, typed.

`message` is for people and carries no content. `detail` is the engine's own text: it may quote
the question, so it belongs neither in a log nor in a journal.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

import orjson

_DETAIL_LIMIT = 500


class EngineError(Exception):
    """Base of all engine errors; `code` is stable and part of the contract."""

    code: ClassVar[str] = "engine_error"
    message: str = "The engine could not answer."

    def __init__(self, message: str | None = None, *, detail: str = "") -> None:
        if message is not None:
            self.message = message
        self.detail = detail[:_DETAIL_LIMIT]
        super().__init__(self.message)


class EngineUnavailable(EngineError):
    """Nothing answers at the engine's address."""

    code = "engine_unavailable"
    message = "The engine cannot be reached."


class EngineInterrupted(EngineError):
    """The connection broke before the answer was whole."""

    code = "engine_interrupted"
    message = "The connection to the engine broke in the middle of the answer."


class EngineOverloaded(EngineError):
    """The engine's queue stayed full (HTTP 503 or 429).

    Attributes:
        retry_after: seconds the engine asked to wait, or None.
    """

    code = "engine_overloaded"
    message = "The engine has no free place at the moment."

    def __init__(self, message: str | None = None, *, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, detail=detail)
        self.retry_after = retry_after


class EngineTimeout(EngineError):
    """The engine took the question but fell silent: before the first token, or between two."""

    code = "engine_timeout"
    message = "The engine did not answer in time."


class EngineRejected(EngineError):
    """The engine refused the request (HTTP 4xx); asking again changes nothing.

    Attributes:
        status: the HTTP status.
    """

    code = "engine_rejected"
    message = "The engine refused the request."

    def __init__(self, message: str | None = None, *, detail: str = "", status: int = 400) -> None:
        super().__init__(message, detail=detail)
        self.status = status


class ContextOverflow(EngineRejected):
    """The conversation is longer than the model's context.

    Attributes:
        limit: the context length in tokens, where the engine says it.
    """

    code = "context_overflow"
    message = "The conversation is longer than the model can read at once."

    def __init__(self, *, detail: str = "", limit: int | None = None) -> None:
        super().__init__(detail=detail)
        self.limit = limit


class EngineFailed(EngineError):
    """The engine reported an error of its own, as HTTP 5xx or inside the stream."""

    code = "engine_failed"
    message = "The engine failed while it was answering."


class EngineProtocolError(EngineError):
    """What arrived is not the protocol."""

    code = "engine_protocol"
    message = "The engine sent something that is not an answer."


_OVERFLOW_TYPES = frozenset({"exceed_context_size_error", "context_length_exceeded"})
_OVERFLOW_TEXT = re.compile(
    r"(?:maximum context length|maximum model length|context length (?:of|is|\d)|available context size)",
    re.IGNORECASE,
)
_OVERFLOW_LIMIT = re.compile(r"(?:context length|model length|context size)\D{0,24}?(\d{2,9})", re.IGNORECASE)
_QUEUE_FULL = frozenset({429, 503})


def from_status(status: int, body: bytes, retry_after: str | None = None) -> EngineError:
    """The typed error of a response other than 200, of vLLM or of llama.cpp.

    Args:
        body: the response's first bytes; need not be JSON.
        retry_after: the header of that name, in seconds.
    """
    return from_object(_error_object(body), status=status, retry_after=_seconds(retry_after))


def from_object(
    error: Mapping[str, object], *, status: int | None = None, retry_after: float | None = None
) -> EngineError:
    """The typed error of an error object `{"message", "type", "code", …}`.

    `status` is the HTTP status; None where the object came inside a stream.
    """
    detail = str(error.get("message") or "")
    code = error.get("code")
    known = status if status is not None else (code if isinstance(code, int) else 500)
    if _is_overflow(error, detail) and 400 <= known < 500:
        return ContextOverflow(detail=detail, limit=_overflow_limit(error, detail))
    if known in _QUEUE_FULL:
        return EngineOverloaded(detail=detail, retry_after=retry_after)
    if 400 <= known < 500:
        return EngineRejected(detail=detail, status=known)
    if known >= 500:
        return EngineFailed(detail=detail)
    return EngineProtocolError(f"The engine answered with HTTP status {known}.", detail=detail)


def _error_object(body: bytes) -> Mapping[str, object]:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {"message": body.decode(errors="replace")}
    if not isinstance(parsed, dict):
        return {}
    error = parsed.get("error", parsed)
    return error if isinstance(error, dict) else {"message": str(error)}


def _is_overflow(error: Mapping[str, object], detail: str) -> bool:
    return (
        error.get("type") in _OVERFLOW_TYPES
        or error.get("code") in _OVERFLOW_TYPES
        or _OVERFLOW_TEXT.search(detail) is not None
    )


def _overflow_limit(error: Mapping[str, object], detail: str) -> int | None:
    stated = error.get("n_ctx")
    if isinstance(stated, int):
        return stated
    found = _OVERFLOW_LIMIT.search(detail)
    return int(found.group(1)) if found else None


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
