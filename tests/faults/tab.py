"""A browser's tab without the browser: asks over HTTP, follows over the socket, and reconnects from its own number."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

FINAL = {"finished", "failed", "cancelled"}


@dataclass
class Seen:
    """What a follower saw of one run. ``text`` starts anew at each reset."""

    run: str
    seq: int = 0
    text: str = ""
    state: str = ""
    resets: int = 0
    doubled: int = 0
    gaps: int = 0
    error: str = ""

    def take(self, frame: dict[str, Any]) -> None:
        if frame["seq"] <= self.seq:
            self.doubled += 1
            return
        if frame["seq"] != self.seq + 1:
            self.gaps += 1
        self.seq = frame["seq"]
        if frame["type"] == "delta" and frame["channel"] == "answer":
            self.text += frame["text"]
        elif frame["type"] == "error":
            self.error = frame["code"]
        elif frame["type"] == "state":
            self.state = frame["state"]
            if frame.get("reset"):
                self.text = ""
                self.resets += 1


@dataclass
class Tab:
    url: str
    password: str
    person: str = "alice"
    headers: dict[str, str] = field(default_factory=dict)

    async def __aenter__(self) -> "Tab":
        self.session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        async with self.session.get(f"{self.url}/sign-in/") as page:
            await page.read()
        form = {"login": self.person, "password": self.password, "csrfmiddlewaretoken": self._token()}
        async with self.session.post(f"{self.url}/sign-in/", data=form, allow_redirects=False) as answer:
            assert answer.status == 302
        self.headers = {"X-CSRFToken": self._token(), "Origin": self.url}
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.session.close()

    def _token(self) -> str:
        return next(cookie.value for cookie in self.session.cookie_jar if cookie.key == "csrf")

    async def get(self, path: str) -> dict[str, Any]:
        async with self.session.get(f"{self.url}{path}", headers=self.headers) as answer:
            return dict(await answer.json())

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.session.post(f"{self.url}{path}", json=body, headers=self.headers) as answer:
            assert answer.status in {201, 202}, await answer.text()
            return dict(await answer.json())

    async def ask(self, text: str) -> dict[str, Any]:
        workspace = (await self.get("/api/workspaces"))["items"][0]["id"]
        return await self.post("/api/conversations", {"workspace": workspace, "text": text})

    async def follow(self, seen: Seen, until: str = "", limit: float = 240) -> Seen:
        """Take frames until the run is final or its text holds ``until``, over as many sockets as that takes."""
        deadline = time.monotonic() + limit
        while seen.state not in FINAL and not (until and until in seen.text):
            assert time.monotonic() < deadline, f"no end in {limit} s: {seen.state} at {seen.seq}"
            try:
                await asyncio.wait_for(self._listen(seen, until), deadline - time.monotonic())
            except (aiohttp.ClientError, TimeoutError, OSError):
                await asyncio.sleep(0.2)
        return seen

    async def _listen(self, seen: Seen, until: str) -> None:
        async with self.session.ws_connect(f"{self.url}/ws/", headers={"Origin": self.url}) as socket:
            await socket.send_json({"type": "follow", "run": seen.run, "after": seen.seq})
            async for message in socket:
                frame = orjson.loads(message.data)
                # Others tell of the side list, such as of a new title.
                if "run" in frame:
                    seen.take(frame)
                if seen.state in FINAL or (until and until in seen.text):
                    return


async def running(engine_url: str) -> int:
    """How many requests the engine works on, from its metrics."""
    async with aiohttp.ClientSession() as session, session.get(f"{engine_url}/metrics") as answer:
        for line in (await answer.text()).splitlines():
            if line.startswith("vllm:num_requests_running"):
                return int(float(line.split()[-1]))
    raise AssertionError("the engine does not say what it runs")
