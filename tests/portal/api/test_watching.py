"""/ws/: watching a conversation, and hearing what is new in it."""

import asyncio
import uuid

import pytest

from portal.chat.models import Conversation
from portal.chat.watch import tell_news
from portal.core.threads import in_database_thread
from portal.workspace.watching import MOST_WATCHED
from tests.people import Company
from tests.portal.api.conftest import Open, Socket
from tests.portal.api.test_socket import REVOKED_WITHIN, closed_with, connected, hear, say
from tests.portal.api.test_socket_rows import listening, rows
from tests.portal.chat.shared import share, unshare


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
