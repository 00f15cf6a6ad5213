"""The limits of a socket are live settings: a changed one counts on sockets that are open already."""

import pytest

from portal.configuration.services import change
from portal.core.threads import in_database_thread
from portal.runs.models import Run
from tests.people import Company
from tests.portal.api.conftest import Open
from tests.portal.api.test_socket import closed_with, connected, follow, hear, say


async def put(company: Company, **values: object) -> None:
    await in_database_thread(change, company.actor("dana"), values)


@pytest.fixture
def runs(live_company: Company) -> list[Run]:
    return [live_company.asked("alice").run for _ in range(7)]


async def test_runs_followed_by_one_socket(live_company: Company, runs: list[Run], open_socket: Open) -> None:
    await put(live_company, socket_runs=6)
    socket = await connected(await open_socket())
    for run in runs:
        await say(socket, follow(run.pk))
    refusal = await hear(socket)
    assert (refusal["code"], refusal["run"]) == ("too_many_runs", str(runs[-1].pk))
    assert "at most 6" in str(refusal["message"])
    await put(live_company, socket_runs=7)
    await say(socket, follow(runs[-1].pk))
    assert await socket.receive_nothing(0.5)


async def test_messages_at_once(live_company: Company, open_socket: Open) -> None:
    await put(live_company, socket_messages_at_once=10, socket_messages_a_second=5)
    socket = await connected(await open_socket())
    for _ in range(12):
        await say(socket, "nonsense")
    assert await closed_with(socket) == 4429


async def test_messages_a_second(live_company: Company, open_socket: Open) -> None:
    """So many are earned in a moment that the reserve never runs out."""
    await put(live_company, socket_messages_at_once=10, socket_messages_a_second=1_000)
    socket = await connected(await open_socket())
    for _ in range(60):
        await say(socket, "nonsense")
        assert (await hear(socket))["code"] == "not_json"
        assert await socket.receive_nothing(0.01)
