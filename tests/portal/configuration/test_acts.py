"""Each setting acts: changed, it changes what the portal does, in the same process and without a restart."""

import datetime
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal.accounts.sessions import CLOCKS_APART
from portal.chat.choices import Author
from portal.chat.models import Conversation, Message
from portal.configuration.registry import REGISTRY
from portal.runs.choices import RunState
from portal.runs.models import Run
from portal.runs.services.lease import claim_runs
from portal.runs.services.recovery import reap
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.configuration.conftest import Put
from tests.portal.runs.conftest import let_lease_end
from workers.adapters.engines import EngineClients


@pytest.fixture
def alice(live_company: Company, client_of: ClientOf) -> Client:
    return client_of(live_company, "alice")


def text_of(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_every_setting_has_a_test_here() -> None:
    """By name; those of sockets stand with the sockets, and those of conversations in a file of their own."""
    here = Path(__file__)
    others = here.parent / "test_chat_acts.py", here.parent.parent / "api" / "test_socket_settings.py"
    told = here.read_text() + "".join(path.read_text() for path in others)
    assert [name for name in REGISTRY if f"{name}=" not in told] == []


PAGES = ["/", "/sign-in/", "/nothing/"]


def as_seen(path: str, alice: Client) -> str:
    return text_of(Client() if path == "/sign-in/" else alice, path)


@pytest.mark.parametrize("path", PAGES)
def test_product_name(path: str, put: Put, alice: Client) -> None:
    assert "<b>Aid" not in as_seen(path, alice)
    put(product_name="<b>Aid & Co")
    page = as_seen(path, alice)
    assert "&lt;b&gt;Aid &amp; Co" in page
    assert "<b>Aid" not in page
    assert "Private AI" not in page


def test_company_name(put: Put) -> None:
    assert "your company" in text_of(Client(), "/sign-in/")
    put(company_name="Meridian Freight")
    assert "the servers of Meridian Freight" in text_of(Client(), "/sign-in/")


@pytest.mark.parametrize("path", PAGES)
def test_notice(path: str, put: Put, alice: Client) -> None:
    assert 'id="notice"' not in as_seen(path, alice)
    put(notice="Maintenance <tonight>.")
    assert "Maintenance &lt;tonight&gt;." in as_seen(path, alice)
    assert "notice--warning" not in as_seen(path, alice)
    put(notice_level="warning")
    assert "notice--warning" in as_seen(path, alice)
    put(notice=None)
    assert 'id="notice"' not in as_seen(path, alice)


def test_support_contact(live_company: Company, put: Put, alice: Client) -> None:
    assert "extension 4711" not in text_of(alice, "/nothing/")
    put(support_contact="IT, extension 4711")
    assert "IT, extension 4711" in text_of(alice, "/nothing/")
    sign_in = Client().post("/sign-in/", {"login": "grace", "password": "password of grace"})
    assert "IT, extension 4711" in sign_in.content.decode()


def ask(client: Client, conversation: Conversation, text: str) -> int:
    body = orjson.dumps({"text": text})
    path = f"/api/conversations/{conversation.pk}/messages"
    return client.post(path, body, "application/json").status_code


def test_question_limit(live_company: Company, put: Put, alice: Client) -> None:
    conversation = live_company.conversation()
    put(question_limit=1_000)
    assert ask(alice, conversation, "x" * 1_001) == 413
    assert '"questionLimit": 1000' in text_of(alice, f"/c/{conversation.pk}/")
    put(question_limit=1_001)
    assert ask(alice, conversation, "x" * 1_001) == 202


def test_messages_a_page(live_company: Company, put: Put, alice: Client) -> None:
    conversation = live_company.conversation()
    messages: list[Message] = []
    for number in range(40):
        author = Author.MODEL if number % 2 else Author.PERSON
        parent = messages[-1] if messages else None
        messages.append(Message(conversation=conversation, parent=parent, author=author, text=f"Number-{number}-."))
    Message.objects.bulk_create(messages)
    conversation.head = messages[-1]
    conversation.save()

    def shown() -> int:
        return text_of(alice, f"/c/{conversation.pk}/").count("Number-")

    assert shown() == 20
    put(messages_a_page=12)
    assert shown() == 12
    put(messages_a_page=100)
    assert shown() == 40


def test_run_attempts(live_company: Company, put: Put) -> None:
    put(run_attempts=1)
    run = live_company.asked().run
    claim_runs([run.pk], "first")
    let_lease_end(run.pk)
    assert claim_runs([run.pk], "second") == []
    assert reap().ended == [run.pk]
    put(run_attempts=2)
    again = live_company.asked().run
    claim_runs([again.pk], "first")
    let_lease_end(again.pk)
    assert reap().requeued == [again.pk]
    assert len(claim_runs([again.pk], "second")) == 1
    let_lease_end(again.pk)
    assert reap().ended == [again.pk]
    assert Run.objects.get(pk=again.pk).state == RunState.FAILED


async def test_times_of_engines(put: Put) -> None:
    clients = EngineClients()
    client = clients.client("http://127.0.0.1:9", managed=False)
    assert (client.timeouts.first_item, client.timeouts.idle) == (600, 120)
    await sync_to_async(put)(first_token_time=5, idle_time=7)
    assert clients.client("http://127.0.0.1:9", managed=False) is client
    assert (client.timeouts.first_item, client.timeouts.idle) == (5, 7)
    await client.close()


def left_of_sessions() -> float:
    ends = [session.expire_date for session in Session.objects.all()]
    return (max(ends) - timezone.now()).total_seconds()


def sign_in(name: str = "alice", password: str = "", address: str = "10.0.0.1") -> str:
    body = {"login": name, "password": password or f"password of {name}"}
    answer = Client().post("/sign-in/", body, REMOTE_ADDR=address)
    return "in" if answer.status_code == 302 else answer.content.decode()


def test_session_length_of_a_new_sign_in(put: Put) -> None:
    put(session_length=3600)
    assert sign_in() == "in"
    assert 3500 < left_of_sessions() <= 3600


def test_session_length_of_those_who_are_signed_in(put: Put, alice: Client) -> None:
    assert alice.get("/").status_code == 200
    assert left_of_sessions() > 3600 + CLOCKS_APART.total_seconds()
    put(session_length=3600)
    assert alice.get("/").status_code == 200
    assert 3500 < left_of_sessions() <= 3600
    Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    assert alice.get("/").status_code == 302


def test_a_longer_session_length_prolongs_nothing(put: Put, alice: Client) -> None:
    before = left_of_sessions()
    put(session_length=30 * 86400)
    assert alice.get("/api/me").status_code == 200
    assert left_of_sessions() <= before


TOO_MANY = "Too many wrong passwords"


def wrong(times: int, *, names: Callable[[int], str], addresses: Callable[[int], str]) -> list[bool]:
    """Whether each of so many attempts with a wrong password was refused without being looked at."""
    return [TOO_MANY in sign_in(names(number), "wrong", addresses(number)) for number in range(times)]


def test_wrong_passwords_of_one_name_from_one_address(put: Put) -> None:
    put(wrong_passwords=3)
    assert wrong(4, names=lambda _: "alice", addresses=lambda _: "10.0.0.1") == [False] * 3 + [True]
    put(wrong_passwords=6)
    assert not wrong(1, names=lambda _: "alice", addresses=lambda _: "10.0.0.1")[0]


def test_wrong_passwords_of_one_address(put: Put) -> None:
    put(wrong_passwords_of_address=5)
    assert wrong(6, names=lambda number: f"nobody{number}", addresses=lambda _: "10.0.0.1") == [False] * 5 + [True]


def test_wrong_passwords_of_one_name(put: Put) -> None:
    put(wrong_passwords_of_name=20)
    found = wrong(21, names=lambda _: "alice", addresses=lambda number: f"10.0.1.{number}")
    assert found == [False] * 20 + [True]


def test_time_over_which_wrong_passwords_count(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(wrong_passwords=3, wrong_passwords_time=60)
    assert wrong(4, names=lambda _: "alice", addresses=lambda _: "10.0.0.1")[-1]
    later = datetime.datetime.now(datetime.UTC).timestamp() + 61
    monkeypatch.setattr("allauth.core.internal.ratelimit.time.time", lambda: later)
    assert sign_in() == "in"
