"""The parts that answer with an HTTP error, word for word like the engines' own."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    body: dict[str, object]
    headers: dict[str, str] = field(default_factory=dict)


def _vllm_error(message: str, kind: str, status: int) -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": status}}


BUSY: Final = Refusal(503, _vllm_error("The request queue is full.", "ServiceUnavailableError", 503))

REFUSALS: Final[dict[str, Refusal]] = {
    "error-400": Refusal(400, _vllm_error("top_p must be in (0, 1].", "BadRequestError", 400)),
    "error-429": Refusal(429, _vllm_error("Too many requests.", "RateLimitError", 429), {"Retry-After": "1"}),
    "error-500": Refusal(500, _vllm_error("EngineCore encountered an issue.", "InternalServerError", 500)),
    "error-503": Refusal(503, BUSY.body, {"Retry-After": "1"}),
    "overflow": Refusal(
        400,
        _vllm_error(
            "You passed 4200 input tokens and requested 0 output tokens. However, the model's context length is "
            "only 4096 tokens, resulting in a maximum input length of 4096 tokens.",
            "BadRequestError",
            400,
        ),
    ),
    "overflow-llama": Refusal(
        400,
        {
            "error": {
                "code": 400,
                "message": "request (4200 tokens) exceeds the available context size (4096 tokens), try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 4200,
                "n_ctx": 4096,
            }
        },
    ),
}
