"""A right that goes in mid-answer: the open stream ends, and so does the work at the engine, long before its end."""

import asyncio
from typing import Any

import orjson
import pytest

from tests.faults.tab import Seen, Tab, running
from tests.stack import Stack

pytestmark = pytest.mark.stack

MINUTES = "[[part:answer tokens=3000 tokens_per_s=25]] Tell it for minutes."


async def refused(tab: Tab, run: str) -> dict[str, Any]:
    """Follow the run until the socket says that there is no such run any more."""
    async with tab.session.ws_connect(f"{tab.url}/ws/", headers={"Origin": tab.url}) as socket:
        await socket.send_json({"type": "follow", "run": run, "after": 0})
        async for message in socket:
            frame: dict[str, Any] = orjson.loads(message.data)
            if frame["type"] == "error":
                return frame
    raise AssertionError("the socket closed without a word")


async def test_a_denial_ends_stream_and_run(stack: Stack) -> None:
    async with Tab(stack.url, stack.password) as alice, Tab(stack.url, stack.password, "erin") as erin:
        asked = await alice.ask(MINUTES)
        run, desk = asked["run"]["id"], asked["conversation"]["workspace"]
        await alice.follow(Seen(run), until="t20@")
        assert await running(stack.engine_url) >= 1
        person = (await alice.get("/api/me"))["id"]
        ended = asyncio.ensure_future(refused(alice, run))
        denial = {"kind": "workspace", "object": desk, "subject": {"person": person}, "rights": ["workspace.view"]}
        await erin.post("/api/denials", denial)
        frame = await asyncio.wait_for(ended, 30)
        assert (frame["code"], frame["run"]) == ("not_found", run)
        for _ in range(300):
            if await running(stack.engine_url) == 0:
                break
            await asyncio.sleep(0.1)
        assert await running(stack.engine_url) == 0
        items = (await erin.get(f"/api/denials?kind=workspace&object={desk}"))["items"]
        # The sample company has a denial of its own there.
        for item in [item for item in items if person in str(item)]:
            address = f"{erin.url}/api/denials/workspace/{item['id']}"
            async with erin.session.delete(address, headers=erin.headers) as answer:
                assert answer.status == 204
        assert (await alice.get(f"/api/runs/{run}"))["state"] == "cancelled"
