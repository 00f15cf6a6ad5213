"""Turns the chunks of a streamed chat completion into stream items.

This runs once per token of every stream: plain dictionaries, no validation library.
"""

import json
from collections.abc import Mapping

import orjson

from workers.engine.errors import EngineProtocolError, from_object
from workers.engine.protocol import (
    Channel,
    Delta,
    Finished,
    StreamItem,
    ToolCallDelta,
    Usage,
    replace_surrogates,
)

DONE = b"[DONE]"
_NEWLINES_AFTER_THINKING = 2


class ChunkDecoder:
    """Decodes the chunks of one stream, in order.

    Both engines are understood: vLLM streams thinking as `delta.reasoning` and starts the answer
    after it with two newlines, which are dropped; llama.cpp streams `delta.reasoning_content`.
    """

    __slots__ = ("_finish_reason", "_newlines_left", "_split_pairs")

    def __init__(self) -> None:
        self._finish_reason: str | None = None
        self._newlines_left = 0
        self._split_pairs: dict[Channel, str] = {}

    def decode(self, payload: bytes) -> list[StreamItem]:
        """The items of one event's payload; of `[DONE]`, the last item.

        Raises:
            EngineProtocolError: the payload is not a chunk, or `[DONE]` came before a finish.
            EngineError: the payload is an error object; typed by what it says.
        """
        if payload == DONE:
            return self.finish()
        chunk = _parse(payload)
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            raise _error_of(chunk)
        items: list[StreamItem] = []
        if choices:
            self._decode_choice(choices[0], items)
        usage = chunk.get("usage")
        if usage:
            items.append(_usage(usage))
        return items

    def finish(self) -> list[StreamItem]:
        """The last items: text held back, then `Finished`.

        Raises:
            EngineProtocolError: the engine ended without saying why.
        """
        if self._finish_reason is None:
            raise EngineProtocolError("The engine ended its answer without a reason.")
        items: list[StreamItem] = [Delta(channel, "\N{REPLACEMENT CHARACTER}") for channel in self._split_pairs]
        self._split_pairs.clear()
        items.append(Finished(self._finish_reason))
        return items

    @property
    def finished(self) -> bool:
        """Whether the engine has given its finish reason."""
        return self._finish_reason is not None

    def _decode_choice(self, choice: object, items: list[StreamItem]) -> None:
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(choice, dict) or not isinstance(delta, dict):
            raise EngineProtocolError
        reasoning = delta.get("reasoning") or delta.get("reasoning_content")
        if reasoning:
            self._newlines_left = _NEWLINES_AFTER_THINKING
            self._append_text("reasoning", reasoning, items)
        content = delta.get("content")
        if content:
            self._append_text("answer", content, items)
        calls = delta.get("tool_calls")
        if calls:
            items += _tool_calls(calls)
        reason = choice.get("finish_reason")
        if reason:
            self._finish_reason = str(reason)

    def _append_text(self, channel: Channel, text: object, items: list[StreamItem]) -> None:
        if not isinstance(text, str):
            raise EngineProtocolError
        if channel == "answer" and self._newlines_left:
            text = self._strip_newlines(text)
        if self._split_pairs or not text.isascii():
            text = self._join_pairs(channel, text)
        if "\0" in text:
            # PostgreSQL stores no NUL; engines only send one when a model misbehaves.
            text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
        if text:
            items.append(Delta(channel, text))

    def _strip_newlines(self, text: str) -> str:
        while self._newlines_left and text.startswith("\n"):
            text = text[1:]
            self._newlines_left -= 1
        if text:
            self._newlines_left = 0
        return text

    def _join_pairs(self, channel: Channel, text: str) -> str:
        """Join surrogate pairs, also those cut between two chunks; replace lone ones."""
        text = self._split_pairs.pop(channel, "") + text
        if text and "\ud800" <= text[-1] <= "\udbff":
            self._split_pairs[channel] = text[-1]
            text = text[:-1]
        return replace_surrogates(text)


def _parse(payload: bytes) -> Mapping[str, object]:
    try:
        chunk = orjson.loads(payload)
    except orjson.JSONDecodeError:
        chunk = _parse_leniently(payload)
    if not isinstance(chunk, dict):
        raise EngineProtocolError
    return chunk


def _parse_leniently(payload: bytes) -> object:
    # Strict parsers refuse escaped lone surrogates, which engines send when a token ends in
    # the middle of a character; the standard library reads them.
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        raise EngineProtocolError from None


def _error_of(chunk: Mapping[str, object]) -> Exception:
    error = chunk.get("error")
    if isinstance(error, dict):
        return from_object(error)
    if error or chunk.get("object") == "error":
        return from_object(chunk)
    return EngineProtocolError()


def _usage(usage: object) -> Usage:
    if not isinstance(usage, dict):
        raise EngineProtocolError
    return Usage(
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        reasoning_tokens=_count(usage.get("completion_tokens_details"), "reasoning_tokens"),
        cached_tokens=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
    )


def _count(counts: object, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def _tool_calls(calls: object) -> list[ToolCallDelta]:
    if not isinstance(calls, list):
        raise EngineProtocolError
    return [_tool_call(call) for call in calls]


def _tool_call(call: object) -> ToolCallDelta:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(call, dict):
        raise EngineProtocolError
    function = function if isinstance(function, dict) else {}
    index = call.get("index")
    return ToolCallDelta(
        index=index if isinstance(index, int) else 0,
        id=_text_or_none(call.get("id")),
        name=_text_or_none(function.get("name")),
        arguments=replace_surrogates(_text_or_none(function.get("arguments")) or ""),
    )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
