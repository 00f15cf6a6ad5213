"""A worker that is running goes by a setting that was changed in the portal, without a restart."""

import asyncio
from typing import Any

import pytest

from tests.faults.tab import Seen, Tab
from tests.stack import Stack

pytestmark = pytest.mark.stack

SLOW = "[[part:answer tokens=5 tokens_per_s=50 ttft_ms=4000]] Answer late."
HEARD_WITHIN = 5.0


async def change(administrator: Tab, values: dict[str, Any]) -> None:
    version = (await administrator.get("/api/settings"))["version"]
    body = {"version": version, "values": values, "note": "a test"}
    url = f"{administrator.url}/api/settings"
    async with administrator.session.patch(url, json=body, headers=administrator.headers) as answer:
        assert answer.status == 200, await answer.text()


async def test_a_running_worker_hears(stack: Stack) -> None:
    worker = stack.children["worker"]
    async with Tab(stack.url, stack.password, "dana") as dana, Tab(stack.url, stack.password) as alice:
        patient = await alice.follow(Seen((await alice.ask(SLOW))["run"]["id"]))
        assert patient.state == "finished"
        await change(dana, {"first_token_time": 1, "idle_time": 2})
        await asyncio.sleep(HEARD_WITHIN)
        impatient = await alice.follow(Seen((await alice.ask(SLOW))["run"]["id"]))
        assert (impatient.state, impatient.error) == ("failed", "engine_timeout")
        await change(dana, {"first_token_time": None, "idle_time": None})
        await asyncio.sleep(HEARD_WITHIN)
        again = await alice.follow(Seen((await alice.ask(SLOW))["run"]["id"]))
        assert again.state == "finished"
    assert worker.alive
