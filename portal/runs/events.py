"""What a run's journal says on the wire: ``{"run", "seq", "type", …}``, typed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

Channel = Literal["answer", "reasoning"]
StepState = Literal["begun", "done"]


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


def delta_payload(channel: Channel, text: str, pieces: int = 0) -> dict[str, Any]:
    """``pieces``, told of reasoning: the tokens that the text has, as far as they can be counted while they come."""
    return {"channel": channel, "text": text, **({"tokens": pieces} if pieces else {})}


def step_payload(name: str, state: StepState, *, part: int = 0, of: int = 0) -> dict[str, Any]:
    """A step on the way to the answer; ``part`` and ``of`` where it has several."""
    return {"name": name, "state": state, **({"part": part, "of": of} if of else {})}


def usage_payload(
    prompt: int, completion: int, reasoning: int, sent: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``sent``: what the model was given, in counts and ids."""
    tokens = {"prompt_tokens": prompt, "completion_tokens": completion, "reasoning_tokens": reasoning}
    return tokens | ({"sent": sent} if sent else {})


def error_payload(code: str, message: str, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, **({"details": details} if details else {})}
