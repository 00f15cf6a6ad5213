"""/ws/: who may open it, what it refuses, and what ends it."""

import asyncio
import json
import uuid

import orjson
import pytest
from django.conf import settings

from portal.core.threads import in_database_thread
from portal.departments.models import Membership
from portal.runs.models import Run
from tests.people import Company
from tests.portal.api.conftest import HOST, ORIGIN, Open, Socket
from tests.portal.runs.conftest import append_events, claimed, delta

REVOKED_WITHIN = 5.0
"""Seconds from the change of a right to the end of what it allowed."""


async def connected(socket: Socket) -> Socket:
    assert await socket.connect()
    return socket


async def say(socket: Socket, message: object) -> None:
    text = message if isinstance(message, str) else orjson.dumps(message).decode()
    await socket.send_input({"type": "websocket.receive", "text": text})


async def hear(socket: Socket) -> dict[str, object]:
    heard: dict[str, object] = orjson.loads((await socket.receive_output(10))["text"])
    return heard


async def closed_with(socket: Socket) -> int:
    """The code of the close, after whatever frames come before it."""
    while True:
        message = await socket.receive_output(timeout=10)
        if message["type"] == "websocket.close":
            return int(message.get("code", 1000))


def follow(run: object, after: object = 0) -> dict[str, object]:
    return {"type": "follow", "run": str(run), "after": after}


@pytest.fixture
def run(live_company: Company) -> Run:
    return live_company.asked("alice").run


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://[",
        "https://\xff",
        "https://elsewhere.example",
        f"https://{HOST}.elsewhere.example",
        f"{ORIGIN}:8443",
        f"{ORIGIN}/path",
        f"https://someone@{HOST}",
        f"http://{HOST}",
        f"wss://{HOST}",
    ],
)
async def test_a_foreign_page_cannot_open_it(origin: str | None, open_socket: Open) -> None:
    assert not await (await open_socket("alice", origin=origin)).connect()


@pytest.mark.parametrize("host", ["elsewhere.example", "", "[", f"{HOST}@elsewhere.example", f"{HOST}:x"])
async def test_it_opens_under_the_names_of_the_appliance_only(host: str, open_socket: Open) -> None:
    assert not await (await open_socket("alice", origin=f"https://{host}", host=host)).connect()


@pytest.mark.parametrize("host", [HOST.upper(), f"{HOST}:8443"])
async def test_it_opens_at_any_port_and_in_any_case(host: str, open_socket: Open) -> None:
    await connected(await open_socket("alice", origin=f"https://{host}", host=host))


async def test_plain_http_has_its_own_origin(open_socket: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HTTPS", False)
    await connected(await open_socket("alice", origin=f"http://{HOST}"))
    assert not await (await open_socket("alice", origin=ORIGIN)).connect()


@pytest.mark.parametrize("path", ["/", "/wsx/", "/ws/more/", "/api/me", "/é"])
async def test_another_path_is_refused(path: str, open_socket: Open) -> None:
    assert not await (await open_socket("alice", path=path)).connect()


@pytest.mark.parametrize("name", [None, "grace"])
async def test_it_opens_to_people_who_are_signed_in_only(name: str | None, open_socket: Open) -> None:
    assert not await (await open_socket(name)).connect()


async def test_a_followed_run_is_heard(open_socket: Open, run: Run) -> None:
    socket = await connected(await open_socket())
    claim = await in_database_thread(claimed, run)
    await in_database_thread(append_events, [delta(claim, 2, "Hello")])
    await say(socket, follow(run.pk))
    assert [(await hear(socket))["seq"] for _ in range(2)] == [1, 2]
    await say(socket, follow(run.pk, 1))
    assert await hear(socket) == {"run": str(run.pk), "seq": 2, "type": "delta", "channel": "answer", "text": "Hello"}


@pytest.mark.parametrize("name", ["bob", "erin", "charlie", "frank"])
async def test_a_foreign_run_is_refused_like_a_missing_one(name: str, open_socket: Open, run: Run) -> None:
    socket = await connected(await open_socket(name))
    missing = uuid.uuid4()
    await say(socket, follow(run.pk))
    foreign = await hear(socket)
    await say(socket, follow(missing))
    assert foreign.pop("run") == str(run.pk)
    absent = await hear(socket)
    assert absent.pop("run") == str(missing)
    assert foreign == absent == {"type": "error", "code": "not_found", "message": "There is nothing here."}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("[]", "invalid"),
        ("null", "invalid"),
        ({"type": "shout"}, "invalid"),
        ({"type": ["follow"]}, "invalid"),
        ({"type": "follow"}, "not_found"),
        (follow("seven"), "not_found"),
        ({"type": "follow", "run": 7}, "not_found"),
        (follow(uuid.UUID(int=7), -1), "invalid"),
        (follow(uuid.UUID(int=7), 2**31), "invalid"),
        (follow(uuid.UUID(int=7), 2**80), "invalid"),
        (follow(uuid.UUID(int=7), "0"), "invalid"),
        (follow(uuid.UUID(int=7), True), "invalid"),
        (follow(uuid.UUID(int=7), 1.5), "invalid"),
        ('{"type": "follow", "run": "\\ud800"}', "not_json"),
        ("x" * 10_000, "invalid"),
    ],
)
async def test_a_bad_frame_is_named_and_harms_nothing(frame: object, code: str, open_socket: Open, run: Run) -> None:
    socket = await connected(await open_socket())
    await say(socket, bad_text(frame))
    refused = await hear(socket)
    assert (refused["type"], refused["code"]) == ("error", code)
    await in_database_thread(claimed, run)
    await say(socket, follow(run.pk))
    assert (await hear(socket))["seq"] == 1


def bad_text(frame: object) -> str:

    return frame if isinstance(frame, str) else json.dumps(frame)


async def test_bytes_are_refused(open_socket: Open) -> None:
    socket = await connected(await open_socket())
    await socket.send_input({"type": "websocket.receive", "bytes": b"\x00\xff"})
    assert (await hear(socket))["code"] == "invalid"


async def test_a_flood_closes_it(open_socket: Open) -> None:
    socket = await connected(await open_socket())
    for _ in range(300):
        await say(socket, "{")
    assert await closed_with(socket) == 4429


async def test_a_withdrawn_right_ends_the_stream(open_socket: Open, run: Run, live_company: Company) -> None:
    socket = await connected(await open_socket())
    claim = await in_database_thread(claimed, run)
    await say(socket, follow(run.pk))
    assert (await hear(socket))["seq"] == 1

    def leave() -> None:
        Membership.objects.filter(person=live_company.people["alice"]).delete()

    async with asyncio.timeout(REVOKED_WITHIN):
        await in_database_thread(leave)
        ended = await hear(socket)
    assert (ended["type"], ended["code"], ended["run"]) == ("error", "not_found", str(run.pk))
    await in_database_thread(append_events, [delta(claim, 2, "secret")])
    assert await socket.receive_nothing(timeout=3)


async def test_a_suspended_person_is_put_out(open_socket: Open, live_company: Company) -> None:
    socket = await connected(await open_socket())

    def suspend() -> None:
        person = live_company.people["alice"]
        person.is_active = False
        person.save(update_fields=["is_active"])

    async with asyncio.timeout(REVOKED_WITHIN):
        await in_database_thread(suspend)
        assert await closed_with(socket) == 4403
