"""The same question asked of the engine directly and through the browser's path, with every token timed.

The scripted engine writes its own send time (``time.monotonic_ns`` of this machine) into each token, so the latency
that the path adds to a token is what lies between that and its arrival here.
"""

import asyncio
import statistics
import time
from dataclasses import dataclass, field

import aiohttp
import orjson

from workers.engine.scripted import TOKEN

QUESTION = "[[part:answer tokens={tokens}]] How long does a container take from Rotterdam to Santos?"


@dataclass
class Stream:
    started: float
    first: float | None = None
    ended: float | None = None
    numbers: list[int] = field(default_factory=list)
    added: list[float] = field(default_factory=list)
    problem: str = ""
    tail: str = ""

    def take(self, text: str) -> None:
        now = time.monotonic_ns()
        if self.first is None:
            self.first = now / 1e9
        # A token may be cut by the gathering of deltas: keep what has no end yet.
        text = self.tail + text
        end = 0
        for match in TOKEN.finditer(text):
            self.numbers.append(int(match[2]))
            self.added.append((now - int(match[3])) / 1e6)
            end = match.end()
        self.tail = text[end:]

    @property
    def ttft_ms(self) -> float:
        return ((self.first or float("inf")) - self.started) * 1000

    def whole(self, tokens: int) -> bool:
        return self.numbers == list(range(self.numbers[0], self.numbers[0] + tokens)) if self.numbers else False


@dataclass(frozen=True)
class Summary:
    whole: float
    ttft_p50: float
    ttft_p95: float
    added_p50: float
    added_p99: float
    tokens: int
    problems: dict[str, int]


def summary(streams: list[Stream], tokens: int) -> Summary:
    ttfts = [stream.ttft_ms for stream in streams if stream.first]
    added = [value for stream in streams for value in stream.added]
    problems: dict[str, int] = {}
    for stream in streams:
        if stream.problem:
            problems[stream.problem] = problems.get(stream.problem, 0) + 1
    return Summary(
        whole=sum(stream.whole(tokens) for stream in streams) / len(streams),
        ttft_p50=quantile(ttfts, 0.50),
        ttft_p95=quantile(ttfts, 0.95),
        added_p50=quantile(added, 0.50),
        added_p99=quantile(added, 0.99),
        tokens=sum(len(stream.numbers) for stream in streams),
        problems=problems,
    )


def quantile(values: list[float], share: float) -> float:
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: list[float]) -> float:
    return statistics.median(values) if values else float("nan")


class Direct:
    """The engine asked by its own protocol."""

    def __init__(self, engine_url: str, tokens: int) -> None:
        self._url = f"{engine_url}/v1/chat/completions"
        self._body = {
            "model": "default",
            "stream": True,
            "messages": [{"role": "user", "content": QUESTION.format(tokens=tokens)}],
        }

    async def open(self, session: aiohttp.ClientSession, count: int) -> None:
        return None

    async def ask(self, session: aiohttp.ClientSession, index: int) -> Stream:
        stream = Stream(time.monotonic())
        async with session.post(self._url, json=self._body) as response:
            async for line in response.content:
                if line.startswith(b"data: {"):
                    for choice in orjson.loads(line[6:])["choices"]:
                        if text := choice["delta"].get("content"):
                            stream.take(text)
        stream.ended = time.monotonic()
        return stream


class Browser:
    """What the page does: POST the question, follow the run on the tab's socket, which is open already."""

    def __init__(self, url: str, password: str, tokens: int) -> None:
        self._url = url
        self._password = password
        self._text = QUESTION.format(tokens=tokens)
        self._headers: dict[str, str] = {}
        self._workspace = ""
        self._sockets: list[aiohttp.ClientWebSocketResponse] = []

    async def sign_in(self, session: aiohttp.ClientSession) -> None:
        async with session.get(f"{self._url}/sign-in/") as page:
            await page.read()
        form = {"login": "alice", "password": self._password, "csrfmiddlewaretoken": self._token(session)}
        async with session.post(f"{self._url}/sign-in/", data=form, allow_redirects=False) as answer:
            if answer.status != 302:
                raise RuntimeError(f"sign-in answered {answer.status}")
        self._headers = {"X-CSRFToken": self._token(session), "Origin": self._url}
        async with session.get(f"{self._url}/api/workspaces") as answer:
            self._workspace = (await answer.json())["items"][0]["id"]

    def _token(self, session: aiohttp.ClientSession) -> str:
        return next(cookie.value for cookie in session.cookie_jar if cookie.key == "csrf")

    async def open(self, session: aiohttp.ClientSession, count: int) -> None:
        if not self._headers:
            await self.sign_in(session)
        while len(self._sockets) < count:
            self._sockets.append(await session.ws_connect(f"{self._url}/ws/", headers={"Origin": self._url}))

    async def close(self) -> None:
        for socket in self._sockets:
            await socket.close()

    async def ask(self, session: aiohttp.ClientSession, index: int) -> Stream:
        stream = Stream(time.monotonic())
        body = {"workspace": self._workspace, "text": self._text}
        async with session.post(f"{self._url}/api/conversations", json=body, headers=self._headers) as answer:
            if answer.status != 202:
                stream.problem = f"HTTP {answer.status}"
                return stream
            run = (await answer.json(loads=orjson.loads))["run"]["id"]
        await self._follow(self._sockets[index], run, stream)
        return stream

    async def stop(self, session: aiohttp.ClientSession, engine_url: str) -> float:
        """Milliseconds from Stop until the engine runs nothing."""
        body = {"workspace": self._workspace, "text": self._text}
        async with session.post(f"{self._url}/api/conversations", json=body, headers=self._headers) as answer:
            run = (await answer.json())["run"]["id"]
        while await running(session, engine_url) == 0:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        started = time.monotonic()
        cancel = asyncio.ensure_future(session.post(f"{self._url}/api/runs/{run}/cancel", headers=self._headers))
        while await running(session, engine_url):
            await asyncio.sleep(0.001)
        elapsed = (time.monotonic() - started) * 1000
        answer = await cancel
        answer.release()
        if answer.status != 202:
            raise RuntimeError(f"Stop answered {answer.status}")
        return elapsed

    async def _follow(self, socket: aiohttp.ClientWebSocketResponse, run: str, stream: Stream) -> None:
        await socket.send_str(orjson.dumps({"type": "follow", "run": run, "after": 0}).decode())
        seq = 0
        async for message in socket:
            frame = orjson.loads(message.data)
            if frame.get("run") != run:
                continue
            if frame["seq"] != seq + 1:
                stream.problem = "gap"
            seq = frame["seq"]
            if frame["type"] == "delta":
                stream.take(frame["text"])
            elif frame["type"] == "state" and frame["state"] in {"finished", "failed", "cancelled"}:
                stream.ended = time.monotonic()
                if frame["state"] != "finished":
                    stream.problem = frame["state"]
                return


async def running(session: aiohttp.ClientSession, engine_url: str) -> int:
    """How many requests the engine works on, from its metrics."""
    async with session.get(f"{engine_url}/metrics") as answer:
        for line in (await answer.text()).splitlines():
            if line.startswith("vllm:num_requests_running"):
                return int(float(line.split()[-1]))
    raise RuntimeError("the engine does not say what it runs")


async def run_load(path: Direct | Browser, session: aiohttp.ClientSession, count: int) -> list[Stream]:
    """``count`` answers, started evenly within one second."""
    await path.open(session, count)
    tasks = []
    for index in range(count):
        tasks.append(asyncio.ensure_future(path.ask(session, index)))
        if count > 1:
            await asyncio.sleep(1 / count)
    return list(await asyncio.gather(*tasks))
