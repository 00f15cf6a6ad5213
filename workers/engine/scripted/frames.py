"""The scripted engine's chunks, as bytes of a server-sent event stream."""

import orjson

DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": ping\n\n"


class ChunkFrames:
    """Builds the frames of one answer; what does not change is encoded once."""

    def __init__(self, answer_id: str, model: str) -> None:
        head = {"id": answer_id, "object": "chat.completion.chunk", "created": 0, "model": model}
        self._head = b"data: " + orjson.dumps(head)[:-1]

    def delta(self, delta: dict[str, object], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return self._head + b',"choices":[' + orjson.dumps(choice) + b"]}\n\n"

    def raw_delta(self, field: str, text: bytes) -> bytes:
        """One text delta; `text` is the inside of a JSON string, already escaped."""
        return b'%b,"choices":[{"index":0,"delta":{"%b":"%b"},"finish_reason":null}]}\n\n' % (
            self._head,
            field.encode(),
            text,
        )

    def usage(self, prompt: int, completion: int, reasoning: int, cached: int = 0) -> bytes:
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }
        return self._head + b',"choices":[],"usage":' + orjson.dumps(usage) + b"}\n\n"


def error_frame(message: str, kind: str, code: int) -> bytes:
    return (
        b"data: " + orjson.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}}) + b"\n\n"
    )
