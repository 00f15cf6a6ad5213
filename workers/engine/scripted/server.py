"""The scripted engine's HTTP side."""

import asyncio
import re
import uuid
from collections import Counter, deque
from pathlib import Path
from typing import cast

import orjson
from aiohttp import web

from workers.engine.scripted.frames import ChunkFrames
from workers.engine.scripted.parts import ENDLESS, PARTS, PartOptions, Scene, choose
from workers.engine.scripted.refusals import BUSY, REFUSALS, Refusal
from workers.engine.scripted.wheel import Step, Wheel

_BODY_LIMIT = 64 * 1024 * 1024
_REQUESTS_KEPT = 200
# The appliance ends a day's first question with its date; parts play what was asked.
_DATE = re.compile(r"\n\n\(Asked on [A-Z][a-z]+, \d{4}-\d\d-\d\d\.\)$")


class ScriptedEngine:
    """A scripted engine on a TCP port or a unix socket.

    Args:
        api_key: asked for on `/v1`, as vLLM does; None asks for none.
        max_running: answers 503 above so many streams; None has no limit.
        startup_ms: `/health` says 503 for so long after the start.
        context_length: refuses longer prompts, a token being four characters.
    """

    def __init__(
        self,
        options: PartOptions | None = None,
        *,
        api_key: str | None = None,
        max_running: int | None = None,
        startup_ms: float = 0.0,
        context_length: int = 262144,
    ) -> None:
        self.options = options or PartOptions()
        self.running = 0
        self.served = 0
        self.requests: deque[dict[str, object]] = deque(maxlen=_REQUESTS_KEPT)
        self._api_key = api_key
        self._max_running = max_running
        self._startup = startup_ms / 1000
        self._context_length = context_length
        self._started_at = 0.0
        self._refused: Counter[str] = Counter()
        self._wheel = Wheel()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0, *, socket: Path | None = None) -> str:
        """Listen, and return the address for an `EngineClient`.

        Raises:
            OSError: the address is taken or not ours.
        """
        self._started_at = asyncio.get_running_loop().time()
        # Cancelling handlers is what makes a closed connection end its stream at once.
        self._runner = web.AppRunner(self._application(), handler_cancellation=True, access_log=None)
        await self._runner.setup()
        if socket is not None:
            await web.UnixSite(self._runner, str(socket)).start()
            return f"unix:{socket}"
        await web.TCPSite(self._runner, host, port, backlog=1024).start()
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=_BODY_LIMIT)
        application.router.add_get("/health", self._health)
        application.router.add_get("/version", self._version)
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/v1/models", self._models)
        application.router.add_post("/v1/chat/completions", self._chat)
        application.router.add_post("/tokenize", self._tokenize)
        application.router.add_get("/requests", self._list_requests)
        application.router.add_delete("/requests", self._clear_requests)
        return application

    async def _health(self, _request: web.Request) -> web.Response:
        ready = asyncio.get_running_loop().time() >= self._started_at + self._startup
        return web.Response(status=200 if ready else 503)

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response({"version": "scripted"})

    async def _metrics(self, _request: web.Request) -> web.Response:
        labels = '{engine="0",model_name="scripted"}'
        lines = (
            "# TYPE vllm:num_requests_running gauge",
            f"vllm:num_requests_running{labels} {float(self.running)}",
            f"vllm:num_requests_waiting{labels} 0.0",
            f"vllm:request_success_total{labels} {float(self.served)}",
        )
        return web.Response(text="\n".join(lines) + "\n")

    async def _models(self, request: web.Request) -> web.Response:
        if not self._may(request):
            return _unauthorised()
        names = ["scripted", "default", *(f"part-{name}" for name in (*PARTS, *REFUSALS))]
        data = [
            {"id": name, "object": "model", "owned_by": "scripted", "max_model_len": self._context_length}
            for name in names
        ]
        return web.json_response({"object": "list", "data": data})

    async def _tokenize(self, request: web.Request) -> web.Response:
        try:
            count = _tokens(orjson.loads(await request.read())["prompt"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return _refuse(REFUSALS["error-400"])
        return web.json_response({"count": count, "max_model_len": self._context_length, "tokens": []})

    async def _list_requests(self, _request: web.Request) -> web.Response:
        return web.Response(body=orjson.dumps(list(self.requests)), content_type="application/json")

    async def _clear_requests(self, _request: web.Request) -> web.Response:
        self.requests.clear()
        return web.Response(status=204)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if not self._may(request):
            return _unauthorised()
        try:
            body = orjson.loads(await request.read())
            scene = _scene(body, self.options)
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
            return _refuse(REFUSALS["error-400"])
        self.requests.append(body)
        refusal = self._refusal(scene)
        if refusal is not None:
            return _refuse(refusal)
        self.running += 1
        try:
            if body.get("stream"):
                return await self._stream(request, scene)
            return await _answer_whole(scene)
        finally:
            self.running -= 1
            self.served += 1

    def _may(self, request: web.Request) -> bool:
        return self._api_key is None or request.headers.get("Authorization") == f"Bearer {self._api_key}"

    def _refusal(self, scene: Scene) -> Refusal | None:
        if scene.part in REFUSALS:
            return REFUSALS[scene.part]
        if scene.part not in PARTS:
            return REFUSALS["error-400"]
        if self._max_running is not None and self.running >= self._max_running:
            return BUSY
        if scene.prompt_tokens > self._context_length:
            return REFUSALS["overflow"]
        if scene.part == "tight" and self._refused[scene.question] < scene.options.times:
            self._refused[scene.question] += 1
            return REFUSALS["overflow-llama"]
        if scene.part == "busy" and self._refused[scene.question] < scene.options.times:
            self._refused[scene.question] += 1
            return BUSY
        return None

    async def _stream(self, request: web.Request, scene: Scene) -> web.StreamResponse:
        if scene.part == "silent":
            # vLLM sends no header before its first token either.
            await asyncio.Event().wait()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        # Written past the response object: its write() costs a task switch for every token.
        transport = cast("asyncio.Transport", request.transport)
        if transport is not None:
            await self._wheel.play(transport, PARTS[scene.part](scene))
        await response.write_eof()
        return response


def _scene(body: dict[str, object], defaults: PartOptions) -> Scene:
    """Raises KeyError, TypeError, AttributeError or ValueError for a body that is no chat request."""
    model = str(body["model"])
    messages = cast("list[dict[str, object]]", body["messages"])
    question = next((_text(message["content"]) for message in reversed(messages) if message["role"] == "user"), "")
    question = _DATE.sub("", question)
    part, options = choose(model, question, defaults)
    if str(body.get("request_id")).startswith("title-"):
        part = "title"
    template = cast("dict[str, object]", body.get("chat_template_kwargs") or {})
    budget = body.get("thinking_token_budget")
    streaming = cast("dict[str, object]", body.get("stream_options") or {})
    tools = cast("list[dict[str, dict[str, str]]]", body.get("tools") or [])
    return Scene(
        part=part,
        options=options,
        frames=ChunkFrames(f"chatcmpl-{uuid.uuid4().hex}", model),
        question=question,
        thinking=template.get("enable_thinking") is True,
        budget=budget if isinstance(budget, int) else None,
        include_usage=streaming.get("include_usage") is True,
        prompt_tokens=sum(_tokens(_text(message.get("content"))) for message in messages),
        tools=[tool["function"]["name"] for tool in tools],
        continues=body.get("continue_final_message") is True,
    )


def _tokens(text: str) -> int:
    return 1 + len(text) // 4


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return str(content or "")


async def _answer_whole(scene: Scene) -> web.Response:
    """The same part for a request without `stream`: its deltas joined, after the first wait."""
    await asyncio.sleep(scene.options.ttft_ms / 1000)
    message: dict[str, str] = {"role": "assistant", "content": ""}
    answer: dict[str, object] = {"id": "chatcmpl-whole", "object": "chat.completion", "created": 0}
    if scene.part in ENDLESS:
        await asyncio.Event().wait()
    for step in PARTS[scene.part](scene):
        _join(step, message, answer)
    return web.Response(body=orjson.dumps(answer), content_type="application/json")


def _join(step: Step, message: dict[str, str], answer: dict[str, object]) -> None:
    if not isinstance(step, bytes) or not step.startswith(b"data: {"):
        return
    chunk = orjson.loads(step[6:])
    answer |= {name: chunk[name] for name in ("model", "usage") if name in chunk}
    for choice in chunk["choices"]:
        for name, value in choice["delta"].items():
            if isinstance(value, str) and name != "role":
                message[name] = message.get(name, "") + value
        answer["choices"] = [{"index": 0, "message": message, "finish_reason": choice["finish_reason"]}]


def _refuse(refusal: Refusal) -> web.Response:
    return web.Response(
        status=refusal.status,
        body=orjson.dumps(refusal.body),
        content_type="application/json",
        headers=refusal.headers,
    )


def _unauthorised() -> web.Response:
    return _refuse(Refusal(401, {"error": {"message": "Unauthorized", "type": "Unauthorized", "code": 401}}))
