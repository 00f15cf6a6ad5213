"""The parts that the scripted engine plays.

A numbered token is ` t<index>@<monotonic_ns>`: its place in the answer and the engine's clock
(`time.monotonic_ns`, one machine) when it was sent. Reasoning tokens are ` r<index>@…`.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from workers.engine.scripted.frames import DONE, KEEP_ALIVE, ChunkFrames, error_frame
from workers.engine.scripted.texts import MARKDOWN
from workers.engine.scripted.wheel import CUT, Step

TOKEN: Final = re.compile(r" ([tr])(\d+)@(\d+)")
_FOREVER: Final = float("inf")
_KEEP_ALIVE_SECONDS: Final = 0.05
_MARKER: Final = re.compile(r"\[\[part:([a-z0-9-]+)((?:\s+[a-z_]+=[0-9.]+)*)\s*\]\]")
_REASONING_SHARE: Final = 4


@dataclass(frozen=True, slots=True)
class PartOptions:
    """How a part is played.

    Attributes:
        ttft_ms: milliseconds from the request to the first token.
        tokens_per_s: tokens a second afterwards.
        tokens: tokens of the answer.
        times: how often the parts `busy` and `tight` refuse before they answer.
    """

    ttft_ms: float = 50.0
    tokens_per_s: float = 50.0
    tokens: int = 200
    times: int = 2

    def changed(self, settings: str) -> "PartOptions":
        """With `name=value` pairs applied; unknown names are passed over."""
        pairs = dict(pair.split("=", 1) for pair in settings.split())
        return replace(
            self,
            ttft_ms=float(pairs.get("ttft_ms", self.ttft_ms)),
            tokens_per_s=max(0.01, float(pairs.get("tokens_per_s", self.tokens_per_s))),
            tokens=int(pairs.get("tokens", self.tokens)),
            times=int(pairs.get("times", self.times)),
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """One request as its part sees it."""

    part: str
    options: PartOptions
    frames: ChunkFrames
    question: str
    thinking: bool
    include_usage: bool
    prompt_tokens: int
    budget: int | None = None
    tools: list[str] = field(default_factory=list)
    # The request gives the beginning of the answer.
    continues: bool = False

    @property
    def interval(self) -> float:
        return 1.0 / self.options.tokens_per_s

    def opening(self) -> Iterator[Step]:
        yield self.options.ttft_ms / 1000
        yield self.frames.delta({"role": "assistant", "content": ""})

    def numbered(self, count: int, field: str = "content", letter: str = "t") -> Iterator[Step]:
        """`count` numbered tokens, the first at once, stamped as they are sent."""
        for index in range(count):
            if index:
                yield self.interval
            yield self.frames.raw_delta(field, b" %b%d@%d" % (letter.encode(), index, time.monotonic_ns()))

    def texts(self, pieces: list[str]) -> Iterator[Step]:
        for index, piece in enumerate(pieces):
            if index:
                yield self.interval
            yield self.frames.delta({"content": piece})

    def closing(self, completion: int, reasoning: int = 0, reason: str = "stop") -> Iterator[Step]:
        yield self.frames.delta({}, reason)
        if self.include_usage:
            yield self.frames.usage(self.prompt_tokens, completion + reasoning, reasoning)
        yield DONE


def choose(model: str, question: str, defaults: PartOptions) -> tuple[str, PartOptions]:
    """The part's name and options: by marker, else by model name, else `default`."""
    marker = _MARKER.search(question)
    if marker:
        return marker.group(1), defaults.changed(marker.group(2))
    return (model.removeprefix("part-") if model.startswith("part-") else "default"), defaults


def _title(scene: Scene) -> Iterator[Step]:
    """What titles are asked for: the first words of the question, dressed up as models like to do."""
    question = _MARKER.sub("", scene.question.removeprefix("Question:")).strip()
    words = question.partition("\n")[0].split()[:6] or ["A", "talk"]
    yield from scene.opening()
    yield from scene.texts(["**", " ".join(words), ", in short**\n"])
    yield from scene.closing(3)


def _answer(scene: Scene) -> Iterator[Step]:
    yield from scene.opening()
    yield from scene.numbered(scene.options.tokens)
    yield from scene.closing(scene.options.tokens)


def _length(scene: Scene) -> Iterator[Step]:
    """An answer that reaches its length, and ends by itself once it is continued."""
    yield from scene.opening()
    yield from scene.numbered(scene.options.tokens)
    yield from scene.closing(scene.options.tokens, reason="stop" if scene.continues else "length")


def _reasoning_as(field: str) -> Callable[[Scene], Iterator[Step]]:
    def play(scene: Scene) -> Iterator[Step]:
        if not scene.thinking:
            yield from _answer(scene)
            return
        thoughts = max(3, scene.options.tokens // _REASONING_SHARE)
        thoughts = thoughts if scene.budget is None else min(thoughts, scene.budget)
        yield from scene.opening()
        yield from scene.numbered(thoughts, field, "r")
        yield scene.interval
        yield scene.frames.delta({"content": "\n\n"})
        yield from scene.numbered(scene.options.tokens)
        yield from scene.closing(scene.options.tokens, thoughts)

    return play


def _markdown(scene: Scene) -> Iterator[Step]:
    pieces = re.findall(r"\s*\S+|\s+$", MARKDOWN)
    yield from scene.opening()
    yield from scene.texts(pieces)
    yield from scene.closing(len(pieces))


def _echo(scene: Scene) -> Iterator[Step]:
    text = _MARKER.sub("", scene.question)
    pieces = [text[at : at + 16] for at in range(0, len(text), 16)]
    yield from scene.opening()
    yield from scene.texts(pieces)
    yield from scene.closing(len(pieces))


def _tool(scene: Scene) -> Iterator[Step]:
    name = scene.tools[0] if scene.tools else "search_documents"
    call = {"id": "call_1", "type": "function", "index": 0, "function": {"name": name, "arguments": ""}}
    yield from scene.opening()
    yield scene.frames.delta({"tool_calls": [call]})
    pieces = ['{"query"', ': "delivery', ' terms"}']
    for piece in pieces:
        yield scene.interval
        yield scene.frames.delta({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    yield from scene.closing(len(pieces), reason="tool_calls")


def _half(scene: Scene) -> Iterator[Step]:
    yield from scene.opening()
    yield from scene.numbered(max(1, scene.options.tokens // 2))
    yield scene.interval


def _error_mid(scene: Scene) -> Iterator[Step]:
    yield from _half(scene)
    yield error_frame("EngineCore encountered an issue.", "InternalServerError", 500)
    yield DONE


def _cut(scene: Scene) -> Iterator[Step]:
    yield from _half(scene)
    yield CUT


def _hang(_scene: Scene) -> Iterator[Step]:
    while True:
        yield KEEP_ALIVE
        yield _KEEP_ALIVE_SECONDS


def _silent(_scene: Scene) -> Iterator[Step]:
    yield _FOREVER


def _stall(scene: Scene) -> Iterator[Step]:
    yield from _half(scene)
    yield from _hang(scene)


def _drip(scene: Scene) -> Iterator[Step]:
    """The answer with every byte as an HTTP chunk of its own, as fast as the wheel turns."""
    for step in _answer(scene):
        if isinstance(step, bytes):
            for at in range(len(step)):
                yield step[at : at + 1]
                yield 0.001
        else:
            yield step


def _garbage(scene: Scene) -> Iterator[Step]:
    yield from scene.opening()
    yield from scene.numbered(1)
    yield b"data: {this is not JSON\n\n"


def _surrogates(scene: Scene) -> Iterator[Step]:
    """A pair cut between two chunks, a lone one, and a NUL: `a😀b\ufffdc\ufffdd` once made safe."""
    yield from scene.opening()
    for text in (rb"a\ud83d", rb"\ude00b", rb"\ud800c", rb"\u0000d"):
        yield scene.frames.raw_delta("content", text)
    yield from scene.closing(4)


PARTS: Final[dict[str, Callable[[Scene], Iterator[Step]]]] = {
    "default": _reasoning_as("reasoning"),
    "answer": _answer,
    "busy": _answer,
    "length": _length,
    "tight": _answer,
    "reasoning": _reasoning_as("reasoning"),
    "reasoning-llama": _reasoning_as("reasoning_content"),
    "markdown": _markdown,
    "echo": _echo,
    "title": _title,
    "tool": _tool,
    "error-mid": _error_mid,
    "cut": _cut,
    "hang": _hang,
    "silent": _silent,
    "stall": _stall,
    "drip": _drip,
    "garbage": _garbage,
    "surrogates": _surrogates,
}

# Parts that never end by themselves.
ENDLESS: Final = frozenset({"hang", "silent", "stall"})
