"""/ws/: watching a conversation, and hearing what is new in it."""

import asyncio
import uuid
from typing import Any

import pytest
from django.conf import settings

from portal.chat.models import Conversation
from portal.chat.placing.services import delete_conversation
from portal.chat.watch import tell_news
from portal.core.threads import in_database_thread
from portal.workspace import presence
from portal.workspace.watching import MOST_WATCHED
from tests.people import Company
from tests.portal.api.conftest import Open, Socket
from tests.portal.api.test_socket import REVOKED_WITHIN, closed_with, connected, hear, say
from tests.portal.api.test_socket_rows import listening, rows
from tests.portal.chat.shared import READ, share, unshare


def watch(conversation: object, kind: str = "watch") -> dict[str, object]:
    return {"type": kind, "conversation": str(conversation)}


def news(conversation: Conversation, what: str) -> dict[str, object]:
    return {"type": "news", "conversation": str(conversation.pk), "what": what}


@pytest.fixture
def conversation(live_company: Company) -> Conversation:
    made = live_company.conversation("alice")
    share(live_company, made, "bob")
    return made


async def watching(socket: Socket, conversation: Conversation, name: str) -> Socket:
    """Once the socket has been let in, and the process listens."""
    await say(socket, watch(conversation.pk))
    async with asyncio.timeout(5):
        while not await admitted(conversation, name):
            await asyncio.sleep(0.05)
    await listening()
    return socket


async def admitted(conversation: Conversation, name: str) -> bool:
    found = await rows("/ws/ watch")
    return any(row[1] == "allowed" and row[3] == name and row[4] == str(conversation.pk) for row in found)


async def hear_news(socket: Socket, what: str) -> dict[str, object]:
    """The next news of that kind; where some may have been missed comes something else before it."""
    while True:
        heard = await hear(socket)
        if heard["type"] == "error" or heard.get("what") == what:
            return heard


async def test_news_come_to_those_who_watch(
    open_socket: Open, conversation: Conversation, live_company: Company
) -> None:
    other = await in_database_thread(live_company.conversation, "alice")
    alice = await watching(await connected(await open_socket("alice")), conversation, "alice")
    bob = await watching(await connected(await open_socket("bob")), conversation, "bob")
    await in_database_thread(tell_news, other.pk, "messages")
    await in_database_thread(tell_news, conversation.pk, "title")
    for socket in (alice, bob):
        assert await hear_news(socket, "title") == news(conversation, "title")
    await say(bob, watch(conversation.pk, "unwatch"))
    await say(bob, watch(uuid.uuid4()))
    assert (await hear_news(bob, ""))["code"] == "not_found"
    await in_database_thread(tell_news, conversation.pk, "comments")
    assert await hear_news(alice, "comments") == news(conversation, "comments")
    assert await bob.receive_nothing(timeout=0.5)


async def test_who_may_not_read_it_is_told_nothing(open_socket: Open, conversation: Conversation) -> None:
    for name, code in (("charlie", "not_found"), ("erin", "not_found"), ("frank", "not_found"), ("dana", "sealed")):
        socket = await connected(await open_socket(name))
        await listening()
        await say(socket, watch(conversation.pk))
        refused = await hear(socket)
        assert (refused["type"], refused["code"], refused["conversation"]) == ("error", code, str(conversation.pk))
        await in_database_thread(tell_news, conversation.pk, "messages")
        assert await socket.receive_nothing(timeout=0.5)
        await socket.leave()
    found = [row for row in await rows("/ws/ watch") if row[4] == str(conversation.pk)]
    assert [(action, outcome, name) for action, outcome, _, name, _, _ in found] == [
        ("conversation.watch", "denied", name) for name in ("charlie", "erin", "frank", "dana")
    ]


async def test_it_ends_when_the_right_goes(
    open_socket: Open, conversation: Conversation, live_company: Company
) -> None:
    bob = await watching(await connected(await open_socket("bob")), conversation, "bob")
    async with asyncio.timeout(REVOKED_WITHIN):
        await in_database_thread(unshare, live_company, conversation, "bob")
        ended = await hear_news(bob, "")
    assert (ended["code"], ended["conversation"]) == ("not_found", str(conversation.pk))
    await in_database_thread(tell_news, conversation.pk, "messages")
    assert await bob.receive_nothing(timeout=1)
    gone = ("conversation.watch", "denied", "the right was withdrawn", "bob", str(conversation.pk), "")
    assert gone in await rows("/ws/ watch")


@pytest.mark.parametrize("frame", [{"type": "watch"}, {"type": "watch", "conversation": 7}, watch("seven")])
async def test_a_bad_frame_is_refused_like_a_missing_conversation(frame: object, open_socket: Open) -> None:
    socket = await connected(await open_socket())
    await say(socket, frame)
    assert (await hear(socket))["code"] == "not_found"


async def test_a_socket_watches_a_few_at_most(open_socket: Open, live_company: Company) -> None:
    socket = await connected(await open_socket())
    for _ in range(MOST_WATCHED):
        made = await in_database_thread(live_company.conversation, "alice")
        await watching(socket, made, "alice")
    one_more = await in_database_thread(live_company.conversation, "alice")
    await say(socket, watch(one_more.pk))
    refused = await hear_news(socket, "")
    assert (refused["code"], refused["conversation"]) == ("too_many_conversations", str(one_more.pk))


async def test_a_flood_closes_the_socket(open_socket: Open, conversation: Conversation) -> None:
    socket = await connected(await open_socket("charlie"))
    for _ in range(300):
        await say(socket, watch(conversation.pk))
    assert await closed_with(socket) == 4429


async def hear_of(socket: Socket, kind: str) -> dict[str, Any]:
    while True:
        heard: dict[str, Any] = await hear(socket)
        if heard["type"] in (kind, "error"):
            return heard


def names(frame: dict[str, Any]) -> list[str]:
    return [person["name"] for person in frame["people"]]


async def test_who_else_is_here(open_socket: Open, conversation: Conversation) -> None:
    alice = await watching(await connected(await open_socket("alice")), conversation, "alice")
    first = await watching(await connected(await open_socket("bob")), conversation, "bob")
    assert names(await hear_of(alice, "here")) == ["bob"]
    assert names(await hear_of(first, "here")) == ["alice"]
    second = await connected(await open_socket("bob"))
    await say(second, watch(conversation.pk))
    assert names(await hear_of(second, "here")) == ["alice"]
    await first.leave()
    assert await alice.receive_nothing(timeout=0.5)
    await say(second, watch(conversation.pk, "unwatch"))
    assert names(await hear_of(alice, "here")) == []


async def test_whoever_dies_without_a_word_is_gone_when_his_time_is_up(
    open_socket: Open, conversation: Conversation, live_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "BEAT_SECONDS", 0.3)
    monkeypatch.setattr(presence, "SEEN_SECONDS", 2)
    bob = live_company.people["bob"]
    # A process of another machine, which says nothing more.
    elsewhere = presence.Presence(settings.APPLIANCE_REDIS_URL)
    await elsewhere.seen(conversation.pk, bob.pk, "lost")
    await elsewhere.stop()
    alice = await connected(await open_socket("alice"))
    await say(alice, watch(conversation.pk))
    assert names(await hear_of(alice, "here")) == ["bob"]
    async with asyncio.timeout(6):
        assert names(await hear_of(alice, "here")) == []


async def test_who_loses_the_right_is_not_shown_any_more(
    open_socket: Open, conversation: Conversation, live_company: Company
) -> None:
    alice = await watching(await connected(await open_socket("alice")), conversation, "alice")
    await watching(await connected(await open_socket("bob")), conversation, "bob")
    assert names(await hear_of(alice, "here")) == ["bob"]
    await in_database_thread(unshare, live_company, conversation, "bob")
    async with asyncio.timeout(REVOKED_WITHIN):
        assert names(await hear_of(alice, "here")) == []


async def test_without_redis_nobody_is_shown_and_news_come(
    open_socket: Open, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "APPLIANCE_REDIS_URL", "redis://127.0.0.1:9/0")
    alice = await watching(await connected(await open_socket("alice")), conversation, "alice")
    await watching(await connected(await open_socket("bob")), conversation, "bob")
    await in_database_thread(tell_news, conversation.pk, "title")
    assert await hear_news(alice, "title") == news(conversation, "title")
    await say(alice, watch(conversation.pk, "typing"))
    assert await alice.receive_nothing(timeout=0.5)


async def test_who_is_typing(open_socket: Open, conversation: Conversation, live_company: Company) -> None:
    alice = await watching(await connected(await open_socket("alice")), conversation, "alice")
    bob = await watching(await connected(await open_socket("bob")), conversation, "bob")
    for _ in range(5):
        await say(bob, watch(conversation.pk, "typing"))
    heard = await hear_of(alice, "typing")
    assert heard == {
        "type": "typing",
        "conversation": str(conversation.pk),
        "person": str(live_company.people["bob"].pk),
    }
    assert await alice.receive_nothing(timeout=0.5)
    await hear_of(bob, "here")
    assert await bob.receive_nothing(timeout=0.2)


async def test_who_may_not_ask_is_not_heard_typing(
    open_socket: Open, conversation: Conversation, live_company: Company
) -> None:
    await in_database_thread(share, live_company, conversation, "erin", READ)
    alice = await watching(await connected(await open_socket("alice")), conversation, "alice")
    erin = await watching(await connected(await open_socket("erin")), conversation, "erin")
    await hear_of(alice, "here")
    await say(erin, watch(conversation.pk, "typing"))
    assert (await hear_of(erin, "error"))["code"] == "forbidden"
    charlie = await connected(await open_socket("charlie"))
    await say(charlie, watch(conversation.pk, "typing"))
    assert (await hear_of(charlie, "error"))["code"] == "not_found"
    assert await alice.receive_nothing(timeout=0.5)


async def test_a_deletion_ends_it_for_all(open_socket: Open, conversation: Conversation, live_company: Company) -> None:
    bob = await watching(await connected(await open_socket("bob")), conversation, "bob")
    async with asyncio.timeout(REVOKED_WITHIN):
        await in_database_thread(delete_conversation, live_company.actor("alice"), conversation.pk)
        assert (await hear_of(bob, "error"))["code"] == "not_found"
