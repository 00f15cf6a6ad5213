import json

import pytest

from workers.engine.chunks import ChunkDecoder
from workers.engine.errors import ContextOverflow, EngineFailed, EngineOverloaded, EngineProtocolError
from workers.engine.protocol import Delta, Finished, StreamItem, ToolCallDelta, Usage


def chunk(delta: dict[str, object], finish: str | None = None) -> bytes:
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}).encode()


def decode(*payloads: bytes) -> list[StreamItem]:
    decoder = ChunkDecoder()
    return [item for payload in payloads for item in decoder.decode(payload)]


STOP = chunk({}, "stop")


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_reasoning_of_both_engines(field: str) -> None:
    items = decode(chunk({"role": "assistant", "content": ""}), chunk({field: "Hm"}), chunk({"content": "\n\nYes"}))
    assert items == [Delta("reasoning", "Hm"), Delta("answer", "Yes")]


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [
        (["\n", "\n", "Yes"], "Yes"),
        (["\n\n\nYes"], "\nYes"),
        (["Yes", "\n\n"], "Yes\n\n"),
        (["\n", "Yes\n\nNo"], "Yes\n\nNo"),
    ],
)
def test_only_the_newlines_right_after_thinking_are_dropped(pieces: list[str], answer: str) -> None:
    items = decode(chunk({"reasoning": "Hm"}), *(chunk({"content": piece}) for piece in pieces))
    assert "".join(item.text for item in items if isinstance(item, Delta) and item.channel == "answer") == answer


def test_newlines_without_thinking_are_kept() -> None:
    assert decode(chunk({"content": "\n\nYes"})) == [Delta("answer", "\n\nYes")]


def test_usage_then_finish_is_last() -> None:
    usage = {
        "prompt_tokens": 5,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    payload = json.dumps({"choices": [], "usage": usage}).encode()
    assert decode(STOP, payload, b"[DONE]") == [Usage(5, 7, 2, 3), Finished("stop")]


def test_usage_without_details() -> None:
    payload = (
        b'{"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": null, "prompt_tokens_details": null}}'
    )
    assert decode(payload) == [Usage(5, 0)]


def test_tool_call_pieces() -> None:
    first = {"index": 1, "id": "c", "function": {"name": "search", "arguments": "{"}}
    rest = {"index": 1, "function": {"arguments": "}"}}
    assert decode(chunk({"tool_calls": [first]}), chunk({"tool_calls": [rest]})) == [
        ToolCallDelta(1, "c", "search", "{"),
        ToolCallDelta(1, None, None, "}"),
    ]


def test_surrogates_and_nul_become_valid_text() -> None:
    payloads = [chunk({"content": piece}) for piece in ("a\ud83d", "\ude00b", "\udc00c", "d\0", "e\ud83d")]
    items = decode(*payloads, STOP, b"[DONE]")
    text = "".join(item.text for item in items if isinstance(item, Delta))
    assert text == "a😀b\ufffdcd\ufffde\ufffd"


@pytest.mark.parametrize(
    "payload",
    [
        b"{not json",
        b"[]",
        b"3",
        b"{}",
        b'{"choices": 3}',
        b'{"choices": [3]}',
        b'{"choices": [{}]}',
        b'{"choices": [{"delta": {"content": 3}}]}',
        b'{"choices": [{"delta": {"tool_calls": [3]}}]}',
        b'{"choices": [{"delta": {"tool_calls": 3}}]}',
        b'{"choices": [], "usage": 3}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"[DONE]",
    ],
)
def test_what_is_no_chunk_is_refused(payload: bytes) -> None:
    with pytest.raises(EngineProtocolError):
        decode(payload)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"error": {"message": "died", "code": 500}}, EngineFailed),
        ({"error": {"message": "died"}}, EngineFailed),
        ({"error": "died"}, EngineFailed),
        ({"object": "error", "message": "died", "code": 500}, EngineFailed),
        ({"error": {"message": "full", "code": 503}}, EngineOverloaded),
        ({"error": {"message": "long", "type": "exceed_context_size_error", "code": 400}}, ContextOverflow),
    ],
)
def test_error_objects_in_the_stream_are_typed(error: dict[str, object], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        decode(json.dumps(error).encode())
