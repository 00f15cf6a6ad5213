import json

import pytest

from workers.engine.errors import (
    ContextOverflow,
    EngineError,
    EngineFailed,
    EngineOverloaded,
    EngineProtocolError,
    EngineRejected,
    from_status,
)

OVERFLOWS = {
    "vllm": {
        "message": "You passed 31745 input tokens and requested 1024 output tokens. However, the model's context "
        "length is only 4096 tokens, resulting in a maximum input length of 3072 tokens.",
        "type": "BadRequestError",
        "code": 400,
    },
    "vllm-older": {"message": "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens"},
    "vllm-core": {"message": "The decoder prompt (length 9000) is longer than the maximum model length of 4096."},
    "vllm-multimodal": {
        "message": "The prompt (total length 9000) is too long to fit into the model (context length 4096)."
    },
    "llama": {"message": "too long", "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096},
}


@pytest.mark.parametrize("error", OVERFLOWS.values(), ids=OVERFLOWS)
def test_context_overflow_of_both_engines(error: dict[str, object]) -> None:
    overflow = from_status(400, json.dumps({"error": error}).encode())
    assert isinstance(overflow, ContextOverflow)
    assert overflow.limit == 4096


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, EngineRejected),
        (401, EngineRejected),
        (404, EngineRejected),
        (422, EngineRejected),
        (429, EngineOverloaded),
        (503, EngineOverloaded),
        (500, EngineFailed),
        (502, EngineFailed),
        (302, EngineProtocolError),
        (204, EngineProtocolError),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"3", b'{"error": 3}', b'{"error": {"message": "no"}}'])
def test_every_status_is_typed_whatever_the_body(status: int, kind: type[EngineError], body: bytes) -> None:
    assert type(from_status(status, body)) is kind


def test_retry_after_in_seconds_only() -> None:
    assert _retry_after("3") == 3.0
    assert _retry_after("-3") == 0.0
    assert _retry_after("Wed, 21 Oct 2026 07:28:00 GMT") is None


def _retry_after(header: str) -> float | None:
    error = from_status(503, b"", header)
    assert isinstance(error, EngineOverloaded)
    return error.retry_after


def test_the_engine_s_words_stay_out_of_the_message() -> None:
    error = from_status(400, json.dumps({"error": {"message": "secret question" * 100}}).encode())
    assert "secret" not in str(error)
    assert "secret" not in error.message
    assert error.detail.startswith("secret question")
    assert len(error.detail) <= 500
    assert error.code == "engine_rejected"


def test_codes_are_unique() -> None:
    kinds: list[type[EngineError]] = [EngineError, *_subclasses(EngineError)]
    assert len({kind.code for kind in kinds}) == len(kinds)


def _subclasses(kind: type[EngineError]) -> list[type[EngineError]]:
    return [sub for child in kind.__subclasses__() for sub in (child, *_subclasses(child))]
