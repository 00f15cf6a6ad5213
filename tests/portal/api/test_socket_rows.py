"""What happens on /ws/ and on event streams is in the audit journal."""

import asyncio
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import AsyncClient

from portal.accounts.services import suspend_person
from portal.accounts.sessions import SessionStore
from portal.audit.models import Entry, Head
from portal.core.threads import in_database_thread
from portal.departments.models import Membership
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.conftest import Open
from tests.portal.api.test_socket import REVOKED_WITHIN, closed_with, connected, follow, hear, say
from tests.portal.runs.conftest import append_events, claimed, delta

Row = tuple[str, str, str, str, str, str]


@pytest.fixture
def run(live_company: Company) -> Run:
    return live_company.asked("alice").run


async def rows(place: str) -> list[Row]:
    """(action, outcome, reason, name, object, address) of the rows of a socket's event."""
    found = Entry.objects.filter(place=place).order_by("seq")
    columns = ("action", "outcome", "reason", "actor_name", "object_id", "address")
    return await in_database_thread(lambda: list(found.values_list(*columns)))


async def test_a_socket_and_what_it_follows(open_socket: Open, run: Run) -> None:
    claim = await in_database_thread(claimed, run)
    await in_database_thread(append_events, [delta(claim, 2)])
    socket = await connected(await open_socket("alice"))
    await say(socket, follow(run.pk))
    assert (await hear(socket))["seq"] == 1
    assert await rows("/ws/ connect") == [("stream.connect", "allowed", "signed_in", "alice", "", "")]
    assert await rows("/ws/ follow") == [("run.view", "allowed", "owner", "alice", str(run.pk), "")]


async def test_what_is_refused(open_socket: Open, run: Run) -> None:
    socket = await connected(await open_socket("charlie"))
    nowhere = uuid.uuid4()
    for message in (follow(run.pk), follow(nowhere), {"type": "follow", "run": "7"}, "nonsense", follow(run.pk, -1)):
        await say(socket, message)
        assert (await hear(socket))["type"] == "error"
    await socket.leave()
    missing = "missing or not visible"
    assert sorted(await rows("/ws/ follow")) == sorted(
        [
            ("run.view", "denied", missing, "charlie", str(run.pk), ""),
            ("run.view", "denied", missing, "charlie", str(nowhere), ""),
            ("run.view", "denied", missing, "charlie", "", ""),
            ("run.view", "failed", "not_json", "charlie", "", ""),
            ("run.view", "failed", "invalid", "charlie", str(run.pk), ""),
        ]
    )


async def test_handshakes_that_are_refused(open_socket: Open, live_company: Company) -> None:
    assert not await (await open_socket("alice", origin="https://elsewhere.example")).connect()
    assert not await (await open_socket(None)).connect()
    found = [(outcome, reason, name) for _, outcome, reason, name, _, _ in await rows("/ws/ connect")]
    assert found == [("denied", "origin", "anonymous"), ("denied", "not signed in", "anonymous")]


async def test_a_socket_that_asks_too_much(open_socket: Open, live_company: Company) -> None:
    socket = await connected(await open_socket("alice"))
    for _ in range(200):
        await say(socket, "nonsense")
    assert await closed_with(socket) == 4429
    await socket.leave()
    assert ("stream.connect", "denied", "rate", "alice", "", "") in await rows("/ws/ connect")
    assert len(await rows("/ws/ follow")) == 1


async def test_a_right_that_ends(open_socket: Open, live_company: Company, run: Run) -> None:
    socket = await connected(await open_socket("alice"))
    await in_database_thread(claimed, run)
    await say(socket, follow(run.pk))
    await hear(socket)
    await in_database_thread(lambda: Membership.objects.filter(person=live_company.people["alice"]).delete())
    assert (await hear(socket))["code"] == "not_found"
    await socket.leave()
    assert ("run.view", "denied", "the right was withdrawn", "alice", str(run.pk), "") in await rows("/ws/ follow")


@pytest.mark.parametrize("way", ["suspended", "signed out"])
async def test_a_person_who_is_put_out(open_socket: Open, live_company: Company, way: str) -> None:
    socket = await connected(await open_socket("alice"))
    await listening()
    await in_database_thread(put_out, live_company, way)
    async with asyncio.timeout(REVOKED_WITHIN):
        assert await closed_with(socket) == 4403
    await socket.leave()
    assert ("stream.connect", "denied", "not signed in", "alice", "", "") in await rows("/ws/ connect")


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("withdrawn", "the right was withdrawn"),
        ("suspended", "not signed in"),
        ("signed out", "not signed in"),
    ],
)
async def test_an_event_stream_that_is_cut_off(
    open_socket: Open,
    live_company: Company,
    run: Run,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    reason: str,
) -> None:
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["testserver"])
    await in_database_thread(claimed, run)
    client = await in_database_thread(client_of, live_company, "alice")
    asker = AsyncClient()
    asker.cookies = client.cookies
    answer: Any = await asker.get(f"/api/runs/{run.pk}/events")
    stream = aiter(answer.streaming_content)
    assert b"id: 1" in await anext(stream)
    await listening()
    await in_database_thread(put_out, live_company, way)
    async with asyncio.timeout(REVOKED_WITHIN):
        async for _ in stream:
            pass
    assert await rows("GET /api/runs/<uuid:run_id>/events") == [
        ("run.view", "allowed", "owner", "alice", str(run.pk), "127.0.0.1"),
        ("run.view", "denied", reason, "alice", str(run.pk), "127.0.0.1"),
    ]


async def listening() -> None:
    """Changes are heard only once the process listens."""
    await asyncio.sleep(0.5)


def put_out(company: Company, way: str) -> None:
    alice = company.people["alice"]
    if way == "withdrawn":
        Membership.objects.filter(person=alice).delete()
    elif way == "suspended":
        suspend_person(company.actor("dana"), alice)
    else:
        for session in Session.objects.all():
            if session.get_decoded().get("_auth_user_id") == str(alice.pk):
                SessionStore(session.session_key).flush()


async def test_a_socket_that_cannot_be_recorded_does_not_open(open_socket: Open, live_company: Company) -> None:
    socket = await open_socket("alice")
    head = await in_database_thread(Head.objects.get)
    await in_database_thread(Head.objects.all().delete)
    assert not await socket.connect()
    await in_database_thread(lambda: head.save(force_insert=True))


def test_an_event_stream(live_company: Company, client_of: ClientOf) -> None:
    asked = live_company.asked("alice")
    path = f"/api/runs/{asked.run.pk}/events"
    assert client_of(live_company, "alice").get(path).status_code == 200
    assert client_of(live_company, "charlie").get(path).status_code == 404
    assert client_of(live_company).get(path).status_code == 401
    found = Entry.objects.filter(place="GET /api/runs/<uuid:run_id>/events").order_by("seq")
    assert list(found.values_list("outcome", "reason", "actor_name", "object_id")) == [
        ("allowed", "owner", "alice", str(asked.run.pk)),
        ("denied", "missing or not visible", "charlie", str(asked.run.pk)),
        ("denied", "not signed in", "anonymous", str(asked.run.pk)),
    ]
