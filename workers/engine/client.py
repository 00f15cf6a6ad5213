"""The client of an OpenAI-compatible engine: one streamed answer per call, and its health."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
import orjson

from workers.engine.address import EngineAddress
from workers.engine.backoff import Backoff
from workers.engine.chunks import DONE, ChunkDecoder
from workers.engine.deadline import StreamDeadline
from workers.engine.errors import (
    EngineError,
    EngineInterrupted,
    EngineOverloaded,
    EngineProtocolError,
    EngineTimeout,
)
from workers.engine.protocol import ChatRequest, StreamItem, replace_surrogates
from workers.engine.sse import EventSplitter, EventTooLarge
from workers.engine.transport import EngineTransport

_COMPLETIONS = "/v1/chat/completions"
_TOKENIZE = "/tokenize"
_RUNNING = re.compile(
    rb"^(?:vllm:num_requests_running|llamacpp:requests_processing)(?:\{[^}]*\})?\s+([0-9.eE+]+)", re.MULTILINE
)

OnQueued = Callable[[float], None]
Pace = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class EngineTimeouts:
    """Time limits in seconds.

    Attributes:
        connect: until the connection stands.
        first_item: from the question to the first piece of the answer; the prefill of a very
            long input takes minutes.
        idle: between two pieces; keep-alive comments do not count as pieces.
        queue: how long a full engine (503, 429) is asked again.
        probe: of `health`, `models`, `version` and `running`.
    """

    connect: float = 5.0
    first_item: float = 900.0
    idle: float = 60.0
    queue: float = 120.0
    probe: float = 5.0


_DEFAULT_TIMEOUTS = EngineTimeouts()


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A served model; `context_length` in tokens where the engine tells it."""

    id: str
    context_length: int | None = None


class EngineClient:
    """Client of one engine; belongs to one event loop; `async with` or `close()` ends it.

    Args:
        base_url: `http://host:port`, with or without `/v1`, or `unix:/path`.
        session: used instead of an own one and left open; not for unix sockets.

    Raises:
        ValueError: `base_url` is not an engine address.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        timeouts: EngineTimeouts = _DEFAULT_TIMEOUTS,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self.address = EngineAddress.parse(base_url)
        self.timeouts = timeouts
        self._transport = EngineTransport(self.address, api_key, session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    async def stream(
        self, request: ChatRequest, *, on_queued: OnQueued | None = None, pace: Pace | None = None
    ) -> AsyncGenerator[StreamItem, None]:
        """Yield the answer as it arrives; `Finished` is the last item of every whole stream.

        Closing the iterator, or cancelling the task that waits on it, closes the connection at
        once, which makes the engine drop the request: use `contextlib.aclosing` around it.

        Args:
            on_queued: called with the seconds waited so far each time the engine is full.
            pace: waited for before each further read; what arrives meanwhile is read in one go.

        Raises:
            EngineError: one of its kinds; nothing else for any fault of the engine's.
        """
        response, left = await self._open(orjson.dumps(request.body()), on_queued)
        deadline = StreamDeadline(response.close)
        splitter, decoder = EventSplitter(), ChunkDecoder()
        try:
            deadline.start(left)
            while chunk := await response.content.readany():
                items: list[StreamItem] = []
                for event in splitter.feed(chunk):
                    items += decoder.decode(event)
                    if event == DONE:
                        break
                if items:
                    deadline.stop()
                    for item in items:
                        yield item
                    if event == DONE:
                        return
                    if pace is not None:
                        await pace()
                    deadline.start(self.timeouts.idle)
            for item in _items_at_end(decoder, deadline):
                yield item
        except EventTooLarge as error:
            raise EngineProtocolError from error
        except (aiohttp.ClientError, OSError) as error:
            if deadline.expired:
                raise EngineTimeout from error
            raise EngineInterrupted from error
        finally:
            deadline.cancel()
            response.close()

    async def health(self) -> bool:
        """Whether the engine is up and ready; False for every trouble."""
        try:
            await self._get("/health")
        except EngineError:
            return False
        return True

    async def models(self) -> list[ModelInfo]:
        """The served models.

        Raises:
            EngineError: the engine does not answer, refuses the key, or answers something else.
        """
        body = await self._get("/v1/models")
        try:
            return [_model_info(model) for model in orjson.loads(body)["data"]]
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise EngineProtocolError from error

    async def version(self) -> str | None:
        """The engine's version where it tells it (vLLM does); None elsewhere."""
        try:
            answer = orjson.loads(await self._get("/version"))
        except (EngineError, orjson.JSONDecodeError):
            return None
        version = answer.get("version") if isinstance(answer, dict) else None
        return version if isinstance(version, str) else None

    async def running(self) -> int:
        """How many requests the engine works on, over all its replicas.

        Raises:
            EngineError: the engine does not answer, or exports no such figure.
        """
        values: list[bytes] = _RUNNING.findall(await self._get("/metrics"))
        if not values:
            raise EngineProtocolError("The engine exports no count of running requests.")
        return int(sum(map(float, values)))

    async def count_tokens(self, model: str, texts: Sequence[str]) -> list[int]:
        """How many tokens the model's own tokenizer makes of each text, without those of a chat template.

        Raises:
            EngineError: the engine does not answer, or has no tokenizer to ask.
        """
        return [await self._count(model, text) if text else 0 for text in texts]

    async def _count(self, model: str, text: str) -> int:
        # vLLM reads `prompt`, llama.cpp `content`; each passes over the other's names.
        plain = replace_surrogates(text)
        body = {"model": model, "prompt": plain, "content": plain, "add_special": False, "add_special_tokens": False}
        answer = await self._transport.post(_TOKENIZE, orjson.dumps(body), seconds=self.timeouts.first_item)
        try:
            counted = orjson.loads(answer)
            count = counted["count"] if "count" in counted else len(counted["tokens"])
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise EngineProtocolError from error
        if not isinstance(count, int):
            raise EngineProtocolError
        return count

    async def _get(self, path: str) -> bytes:
        return await self._transport.get(path, seconds=self.timeouts.probe)

    async def _open(self, payload: bytes, on_queued: OnQueued | None) -> tuple[aiohttp.ClientResponse, float]:
        """The opened stream, and the seconds left until its first item is due."""
        loop = asyncio.get_running_loop()
        backoff = Backoff(first=0.1, limit=2.0)
        began = loop.time()
        while True:
            asked = loop.time()
            try:
                response = await self._transport.post_stream(
                    _COMPLETIONS, payload, connect=self.timeouts.connect, answer=self.timeouts.first_item
                )
            except EngineOverloaded as error:
                pause = max(backoff.next(), error.retry_after or 0.0)
                if loop.time() + pause > began + self.timeouts.queue:
                    raise
            else:
                return response, max(0.0, asked + self.timeouts.first_item - loop.time())
            if on_queued is not None:
                on_queued(loop.time() - began)
            await asyncio.sleep(pause)


def _items_at_end(decoder: ChunkDecoder, deadline: StreamDeadline) -> list[StreamItem]:
    """The last items of a stream that ended without `[DONE]`."""
    if deadline.expired:
        raise EngineTimeout
    if not decoder.finished:
        raise EngineInterrupted
    return decoder.finish()


def _model_info(model: dict[str, object]) -> ModelInfo:
    meta = model.get("meta")
    length = model.get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, dict) else None)
    return ModelInfo(id=str(model["id"]), context_length=length if isinstance(length, int) else None)
