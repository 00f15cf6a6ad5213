"""What is asked of an engine and what comes back, as typed values.

The wire format is the OpenAI-compatible chat completion of vLLM and llama.cpp; the fields beyond
OpenAI's (`cache_salt`, `priority`, `request_id`, `chat_template_kwargs`, `thinking_token_budget`)
are vLLM's, and llama.cpp ignores those it does not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["system", "user", "assistant", "tool"]
Channel = Literal["answer", "reasoning"]

CACHE_SALT_LIMIT = 128
_CACHE_SALT_FORBIDDEN = frozenset("@/\\\0")


def replace_surrogates(text: str) -> str:
    """`text` with each surrogate pair joined and each lone surrogate replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def check_cache_salt(salt: str) -> str:
    """Return `salt` when vLLM accepts it: 1 to 128 characters without `@`, `/`, backslash and NUL.

    URL-safe base64 and hexadecimal salts always pass; standard base64 ones often do not.

    Raises:
        ValueError: the salt would be refused by the engine.
    """
    if not salt or len(salt) > CACHE_SALT_LIMIT:
        raise ValueError(f"cache salt must have 1 to {CACHE_SALT_LIMIT} characters")
    if not _CACHE_SALT_FORBIDDEN.isdisjoint(salt):
        raise ValueError("cache salt must not contain '@', '/', backslash or NUL")
    return salt


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str

    def body(self) -> dict[str, object]:
        return {"type": "text", "text": replace_surrogates(self.text)}


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image carried in the request itself; an engine is never told to fetch one.

    Raises:
        ValueError: `data_uri` is not a `data:image/…` URI.
    """

    data_uri: str

    def __post_init__(self) -> None:
        if not self.data_uri.startswith("data:image/"):
            raise ValueError("an image must be given as a data:image/ URI")

    def body(self) -> dict[str, object]:
        return {"type": "image_url", "image_url": {"url": self.data_uri}}


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: str

    def body(self) -> dict[str, object]:
        function = {"name": self.name, "arguments": replace_surrogates(self.arguments)}
        return {"id": self.id, "type": "function", "function": function}


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Role
    content: str | Sequence[TextPart | ImagePart] | None
    tool_calls: Sequence[ToolCall] = ()
    tool_call_id: str | None = None

    def body(self) -> dict[str, object]:
        content: object = self.content
        if isinstance(self.content, str):
            content = replace_surrogates(self.content)
        elif self.content is not None:
            content = [part.body() for part in self.content]
        message: dict[str, object] = {"role": self.role, "content": content}
        if self.tool_calls:
            message["tool_calls"] = [call.body() for call in self.tool_calls]
        if self.tool_call_id is not None:
            message["tool_call_id"] = self.tool_call_id
        return message


@dataclass(frozen=True, slots=True)
class Sampling:
    """Sampling parameters; None leaves the engine's default."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None

    def body(self) -> dict[str, object]:
        fields = ("temperature", "top_p", "top_k", "min_p", "presence_penalty", "seed")
        return {name: getattr(self, name) for name in fields if getattr(self, name) is not None}


@dataclass(frozen=True, slots=True)
class Thinking:
    """Whether the model thinks before it answers, and for at most how many tokens.

    Raises:
        ValueError: a budget below 1, or a budget with thinking off.
    """

    enabled: bool
    budget_tokens: int | None = None

    def __post_init__(self) -> None:
        if self.budget_tokens is not None and (not self.enabled or self.budget_tokens < 1):
            raise ValueError("a thinking budget needs thinking on and at least 1 token")

    def body(self) -> dict[str, object]:
        # Qwen3.5 knows no /think marker: the template's variable is the only switch.
        fields: dict[str, object] = {"chat_template_kwargs": {"enable_thinking": self.enabled}}
        if self.budget_tokens is not None:
            fields["thinking_token_budget"] = self.budget_tokens
        return fields


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One question to an engine.

    Attributes:
        tools: OpenAI tool definitions, in the order in which the model shall see them.
        cache_salt: separates prefix caches between owners; always set by the server.
        priority: lower is earlier; other than 0 needs an engine with the priority policy.
        continues: the last message is the beginning of the answer, and what comes is the rest of it.

    Raises:
        ValueError: no messages, `max_tokens` below 1, a salt that vLLM would refuse, or nothing to
            continue without thinking.
    """

    model: str
    messages: Sequence[ChatMessage]
    thinking: Thinking | None = None
    sampling: Sampling = field(default_factory=Sampling)
    max_tokens: int | None = None
    tools: Sequence[Mapping[str, object]] = ()
    cache_salt: str | None = None
    priority: int = 0
    request_id: str | None = None
    continues: bool = False

    def __post_init__(self) -> None:
        if not self.messages:
            raise ValueError("a chat request needs at least one message")
        if self.continues and (self.messages[-1].role != "assistant" or self.thinks):
            raise ValueError("only an answer is continued, and without thinking")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ValueError("max_tokens must be at least 1")
        if self.cache_salt is not None:
            check_cache_salt(self.cache_salt)

    @property
    def thinks(self) -> bool:
        return self.thinking is not None and self.thinking.enabled

    def body(self) -> dict[str, object]:
        """The JSON body of a streamed chat completion."""
        body: dict[str, object] = {
            "model": self.model,
            "messages": [message.body() for message in self.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            **self.sampling.body(),
        }
        if self.thinking is not None:
            body |= self.thinking.body()
        if self.tools:
            body["tools"] = list(self.tools)
        if self.continues:
            # vLLM's names, which llama.cpp knows too; neither gives the beginning back.
            body |= {"continue_final_message": True, "add_generation_prompt": False}
        optional = {
            "max_tokens": self.max_tokens,
            "cache_salt": self.cache_salt,
            "priority": self.priority or None,
            "request_id": self.request_id,
        }
        return body | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of text of one channel; never empty, always valid Unicode without NUL."""

    channel: Channel
    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of the tool call number `index`; `arguments` is the next piece of its JSON text."""

    index: int
    id: str | None
    name: str | None
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the engine reports them; what it does not report is 0."""

    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The last item of every whole stream: `stop`, `length`, `tool_calls` or the engine's word."""

    reason: str


StreamItem = Delta | ToolCallDelta | Usage | Finished
