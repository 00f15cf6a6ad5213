"""What a run's journal says on the wire: ``{"run", "seq", "type", …}``, typed."""

import uuid
from dataclasses import dataclass
from typing import Any, Literal

import orjson

Channel = Literal["answer", "reasoning"]


@dataclass(frozen=True, slots=True)
class JournalEvent:
    """One numbered event. ``payload`` is what the wire carries besides run, seq and type."""

    run: uuid.UUID
    seq: int
    type: str
    payload: dict[str, Any]

    @property
    def is_final(self) -> bool:
        return self.type == "state" and self.payload.get("state") in {"finished", "failed", "cancelled"}

    def frame(self) -> bytes:
        return orjson.dumps({"run": str(self.run), "seq": self.seq, "type": self.type, **self.payload})


def state_payload(state: str, *, attempt: int, reset: bool = False, finish_reason: str = "") -> dict[str, Any]:
    """``reset`` tells followers that a new attempt began and the text so far is void."""
    payload: dict[str, Any] = {"state": state, "attempt": attempt}
    return payload | ({"reset": True} if reset else {}) | ({"finish_reason": finish_reason} if finish_reason else {})


def delta_payload(channel: Channel, text: str) -> dict[str, Any]:
    return {"channel": channel, "text": text}


def usage_payload(prompt: int, completion: int, reasoning: int) -> dict[str, Any]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "reasoning_tokens": reasoning}


def error_payload(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message}
