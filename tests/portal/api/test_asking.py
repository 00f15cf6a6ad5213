"""Asking over `/api`: once for each key, only in order, and nothing stored of what is refused."""

import json
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.audit.models import Entry
from portal.chat.models import Conversation, Message
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

LIMIT = 1_000_000


def post(client: Client, path: str, body: object, **headers: str) -> "Answer":
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.generic("POST", path, text, "application/json", headers=headers)


def messages_path(conversation: Conversation) -> str:
    return f"/api/conversations/{conversation.pk}/messages"


def stored() -> tuple[int, int, int]:
    return Conversation.objects.count(), Message.objects.count(), Run.objects.count()


def error_of(answer: "Answer") -> str:
    """The code of an answer in the one error shape."""
    body = json.loads(answer.content)
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert body["error"]["message"]
    return str(body["error"]["code"])


@pytest.fixture
def alice(company: Company, client_of: ClientOf) -> Client:
    return client_of(company, "alice")


def test_a_question_becomes_a_message_an_answer_and_a_run(company: Company, alice: Client) -> None:
    conversation = company.conversation()
    answer = post(alice, messages_path(conversation), {"text": "Where is container 7?", "thinking": "deep"})
    assert answer.status_code == 202
    body = answer.json()
    assert body["message"]["text"] == "Where is container 7?"
    run = Run.objects.get(pk=body["run"]["id"])
    assert (run.state, run.thinking, run.owner) == (RunState.QUEUED, "deep", company.people["alice"])
    conversation.refresh_from_db()
    assert conversation.head is not None
    assert (conversation.head.run_id, str(conversation.head.parent_id)) == (run.pk, body["message"]["id"])


def test_the_same_key_asks_once(company: Company, alice: Client) -> None:
    conversation = company.conversation()
    key = {"Idempotency-Key": "one"}
    first = post(alice, messages_path(conversation), {"text": "Once?"}, **key)
    before = stored()
    again = post(alice, messages_path(conversation), {"text": "Once?"}, **key)
    assert again.status_code == 202
    assert again.json()["run"]["id"] == first.json()["run"]["id"]
    assert stored() == before


def test_the_same_key_begins_one_conversation(company: Company, alice: Client) -> None:
    body = {"workspace": str(company.workspace().pk), "text": "Once?"}
    first = post(alice, "/api/conversations", body, **{"Idempotency-Key": "one"})
    before = stored()
    again = post(alice, "/api/conversations", body, **{"Idempotency-Key": "one"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["conversation"]["id"] == first.json()["conversation"]["id"]
    assert again.json()["run"]["id"] == first.json()["run"]["id"]
    assert stored() == before


@pytest.mark.parametrize("change", [{"text": "Twice?"}, {"thinking": "deep"}])
@pytest.mark.parametrize("place", ["message", "conversation"])
def test_a_key_stands_for_one_question(place: str, change: Mapping[str, str], company: Company, alice: Client) -> None:
    path, body = messages_path(company.conversation()), {"text": "Once?", "thinking": "off"}
    if place == "conversation":
        path, body = "/api/conversations", {**body, "workspace": str(company.workspace().pk)}
    assert post(alice, path, body, **{"Idempotency-Key": "one"}).status_code == 202
    before = stored()
    answer = post(alice, path, {**body, **change}, **{"Idempotency-Key": "one"})
    assert (answer.status_code, error_of(answer)) == (409, "key_reused")
    assert stored() == before


def test_thinking_is_looked_at_without_a_question_too(company: Company, alice: Client) -> None:
    before = stored()
    answer = post(alice, "/api/conversations", {"workspace": str(company.workspace().pk), "thinking": "zz"})
    assert (answer.status_code, error_of(answer)) == (400, "bad_thinking")
    assert stored() == before


def test_keys_are_each_persons_own(company: Company, client_of: ClientOf) -> None:
    body = {"workspace": str(company.workspace().pk), "text": "Once?"}
    answers = [
        post(client_of(company, name), "/api/conversations", body, **{"Idempotency-Key": "one"})
        for name in ("alice", "bob")
    ]
    assert answers[0].json()["conversation"]["id"] != answers[1].json()["conversation"]["id"]


def test_a_second_question_waits_for_the_first_answer(company: Company, alice: Client) -> None:
    asked = company.asked()
    before = stored()
    answer = post(alice, messages_path(asked.conversation), {"text": "And now?"})
    assert (answer.status_code, error_of(answer)) == (409, "still_answering")
    assert stored() == before


def test_regenerating_adds_an_answer_beside_the_first(company: Company, alice: Client) -> None:
    asked = company.asked()
    Run.objects.update(state=RunState.FAILED)
    path = f"{messages_path(asked.conversation)}/{asked.answer.pk}/regenerate"
    answer = post(alice, path, {"thinking": "deep"})
    assert answer.status_code == 202
    assert list(asked.question.children.values_list("run__thinking", flat=True).order_by("created_at")) == [
        "off",
        "deep",
    ]
    asked.conversation.refresh_from_db()
    assert str(asked.conversation.head_id) == answer.json()["answer"]["id"]


def test_a_question_cannot_be_regenerated(company: Company, alice: Client) -> None:
    asked = company.asked()
    Run.objects.update(state=RunState.FINISHED)
    answer = post(alice, f"{messages_path(asked.conversation)}/{asked.question.pk}/regenerate", {})
    assert (answer.status_code, error_of(answer)) == (404, "not_found")


BAD_QUESTIONS: dict[str, tuple[Mapping[str, object], int, str]] = {
    "empty": ({"text": ""}, 400, "empty"),
    "blank": ({"text": " \n\t "}, 400, "empty"),
    "missing": ({}, 400, "invalid"),
    "of another type": ({"text": 7}, 400, "invalid"),
    "with an unknown field": ({"text": "a", "temperature": 2}, 400, "invalid"),
    "one character too long": ({"text": "a" * (LIMIT + 1)}, 413, "too_large"),
    "twenty megabytes": ({"text": "a" * 20_000_000}, 413, "too_large"),
    "with NUL": ({"text": "a\x00b"}, 400, "bad_characters"),
    "unknown thinking": ({"text": "a", "thinking": "on"}, 400, "bad_thinking"),
    "with an attachment that is nowhere": ({"text": "a", "attachments": [str(uuid.uuid4())]}, 404, "file_missing"),
}
BAD_BODIES = {
    "not JSON": (b"{text: 1", 400),
    "nothing": (b"", 400),
    "a list": (b"[]", 400),
    "null": (b"null", 400),
    "not UTF-8": (b'{"text": "\xff\xfe"}', 400),
    "a lone surrogate": (b'{"text": "a\\ud800b"}', 400),
    "nested without end": (b'{"text": ' + b"[" * 100_000, 400),
}


# A conversation may begin without a question, and takes no attachments at all.
ONLY_IN_A_CONVERSATION = {"missing", "with an attachment"}


@pytest.mark.parametrize(
    ("place", "kind"),
    [("message", kind) for kind in BAD_QUESTIONS]
    + [("conversation", kind) for kind in BAD_QUESTIONS if kind not in ONLY_IN_A_CONVERSATION],
)
def test_a_bad_question_is_refused_and_nothing_stored(kind: str, place: str, company: Company, alice: Client) -> None:
    body, status, code = BAD_QUESTIONS[kind]
    path = messages_path(company.conversation())
    if place == "conversation":
        path, body = "/api/conversations", {**body, "workspace": str(company.workspace().pk)}
    before = stored()
    answer = post(alice, path, body)
    assert (answer.status_code, error_of(answer)) == (status, code)
    assert stored() == before


@pytest.mark.parametrize("kind", BAD_BODIES)
def test_a_bad_body_is_refused_and_nothing_stored(kind: str, company: Company, alice: Client) -> None:
    body, status = BAD_BODIES[kind]
    path = messages_path(company.conversation())
    before = stored()
    answer = post(alice, path, body)
    assert answer.status_code == status
    error_of(answer)
    assert stored() == before
    assert alice.get("/api/me").status_code == 200


@pytest.mark.parametrize(
    "text",
    ["\u202etxt.exe", "مرحبا \u2066world\u2069", "\ufeffa\u200b\u200d", "👩‍👩‍👧", "a\r\nb", "𝒳" * 1000, "a" * LIMIT],
)
def test_what_people_write_is_kept_as_it_is(text: str, company: Company, alice: Client) -> None:
    answer = post(alice, messages_path(company.conversation()), {"text": text})
    assert answer.status_code == 202
    assert Message.objects.get(pk=answer.json()["message"]["id"]).text == text


@pytest.mark.parametrize("after", ["-1", "2147483648", "9" * 40, "9" * 5000, "one", "1.0", "٣", "0x1"])
def test_a_forged_place_in_the_events_is_refused(after: str, live_company: Company, client_of: ClientOf) -> None:
    asked = live_company.asked()
    client = client_of(live_company, "alice")
    for answer in (
        client.get(f"/api/runs/{asked.run.pk}/events", {"after": after}),
        client.get(f"/api/runs/{asked.run.pk}/events", headers={"Last-Event-ID": after.encode().decode("latin-1")}),
    ):
        assert (answer.status_code, error_of(answer)) == (400, "invalid")


def test_what_is_unsafe_needs_the_csrf_token(company: Company, client_of: ClientOf) -> None:
    client = client_of(company, "alice", enforce_csrf_checks=True)
    before = stored()
    answer = post(client, messages_path(company.conversation()), {"text": "Where?"})
    assert answer.status_code == 403
    error_of(answer)
    assert stored() == (before[0] + 1, before[1], before[2])
    refused = Entry.objects.get(action="message.ask")
    assert (refused.outcome, refused.reason, refused.actor_name) == ("denied", "csrf", "alice")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/runs/7", "/api/runs/7/events", "/api/conversations/x/messages"])
def test_an_address_that_is_not_there_has_the_same_shape(path: str, alice: Client) -> None:
    answer = alice.get(path)
    assert (answer.status_code, error_of(answer)) == (404, "not_found")


@pytest.mark.parametrize("cursor", ["x", "%00", "AAAA", "¤", "MjAyNi0wMS0wMSB4"])
def test_a_forged_cursor_is_refused(cursor: str, company: Company, alice: Client) -> None:
    answer = alice.get("/api/conversations", {"workspace": str(company.workspace().pk), "cursor": cursor})
    assert (answer.status_code, error_of(answer)) == (400, "bad_cursor")
