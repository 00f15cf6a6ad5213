"""Streams that are followed under break-glass, and what their owners hear of it."""

import asyncio
import uuid

import pytest
from django.conf import settings

from portal.api.event_stream import lines
from portal.audit.models import Entry
from portal.chat.break_glass.models import BreakGlass
from portal.chat.break_glass.requests import decide, end
from portal.core.threads import in_database_thread
from portal.runs.models import Run
from portal.runs.services.lease import Claim
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.conftest import Open
from tests.portal.api.test_socket import REVOKED_WITHIN, connected, follow, hear, say
from tests.portal.chat.sealed import approved, asked, expire
from tests.portal.runs.conftest import append_events, claimed, delta


@pytest.fixture
def run(live_company: Company) -> Run:
    return live_company.asked("alice").run


@pytest.fixture
def claim(run: Run) -> Claim:
    return claimed(run)


@pytest.fixture
def access(live_company: Company, run: Run) -> BreakGlass:
    return approved(live_company)


def readings() -> int:
    return Entry.objects.filter(action="break_glass.read").count()


def end_by_hand(company: Company, access: BreakGlass) -> None:
    end(company.actor("frank"), access.pk)


async def test_an_administrator_hears_that_a_run_is_sealed(open_socket: Open, run: Run) -> None:
    socket = await connected(await open_socket("dana"))
    await say(socket, follow(run.pk))
    assert (await hear(socket))["code"] == "sealed"
    await say(socket, follow(uuid.uuid4()))
    assert (await hear(socket))["code"] == "not_found"


@pytest.mark.parametrize("way", ["expired", "ended"])
async def test_a_socket_ends_with_the_access(
    open_socket: Open, run: Run, claim: Claim, access: BreakGlass, live_company: Company, way: str
) -> None:
    socket = await connected(await open_socket("dana"))
    await say(socket, follow(run.pk))
    assert (await hear(socket))["seq"] == 1
    assert await in_database_thread(readings) == 1
    async with asyncio.timeout(REVOKED_WITHIN):
        if way == "expired":
            await in_database_thread(expire, access)
        else:
            await in_database_thread(end_by_hand, live_company, access)
        ended = await hear(socket)
    assert (ended["type"], ended["run"]) == ("error", str(run.pk))
    await in_database_thread(append_events, [delta(claim, 2, "secret")])
    assert await socket.receive_nothing(timeout=3)


async def test_an_event_stream_ends_with_the_access(
    open_socket: Open, run: Run, claim: Claim, access: BreakGlass, live_company: Company, client_of: ClientOf
) -> None:
    """While events keep coming, so that no silence is needed to notice."""
    client = await in_database_thread(client_of, live_company, "dana")
    reasons: list[str] = []
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    stream = lines(session, run.pk, 0, reasons.append, is_clocked=True)
    assert b"id: 1" in await anext(stream)
    await in_database_thread(expire, access)
    writing = asyncio.create_task(keep_writing(claim))
    try:
        async with asyncio.timeout(REVOKED_WITHIN):
            async for _ in stream:
                pass
    finally:
        writing.cancel()
    assert reasons == ["the right was withdrawn"]


async def keep_writing(claim: Claim) -> None:
    for seq in range(2, 200):
        await in_database_thread(append_events, [delta(claim, seq)])
        await asyncio.sleep(0.1)


async def test_the_owners_open_page_hears_at_once(open_socket: Open, run: Run, live_company: Company) -> None:
    alice, bob = await connected(await open_socket("alice")), await connected(await open_socket("bob"))
    # Heard only once the process listens.
    await asyncio.sleep(0.5)
    request = await in_database_thread(asked, live_company)
    assert await alice.receive_nothing(timeout=0.5)
    await in_database_thread(approve, live_company, request)
    assert await hear(alice) == {"type": "notice"}
    assert await bob.receive_nothing(timeout=1)


def approve(company: Company, request: BreakGlass) -> None:
    decide(company.actor("frank"), request.pk, approve=True)
