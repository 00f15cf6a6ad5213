"""Efforts and choices over `/api`: what is refused, what is kept, and what a run tells of its prompt."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.chat.models import Message
from portal.engines.models import Engine
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.test_asking import error_of, messages_path, post, stored

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


@pytest.fixture
def alice(company: Company, client_of: ClientOf) -> Client:
    Engine.objects.update(supports_budget=True, context_tokens=4096)
    return client_of(company, "alice")


@pytest.mark.parametrize(
    ("effort", "code"),
    [
        ({"thinking": "budgeted", "budget": 0}, "bad_budget"),
        ({"thinking": "budgeted", "budget": 10**9}, "bad_budget"),
        ({"thinking": "deep", "budget": 9}, "bad_budget"),
        ({"budget": 9}, "bad_budget"),
        ({"context": "cut"}, "invalid"),
    ],
)
def test_an_effort_that_makes_no_sense_is_refused(
    effort: dict[str, object], code: str, company: Company, alice: Client
) -> None:
    path, before = messages_path(company.conversation()), stored()
    answer = post(alice, path, {"text": "a", **effort})
    assert (answer.status_code, error_of(answer)) == (400, code)
    assert stored()[1:] == before[1:]


def test_a_budget_is_kept_for_the_conversation(company: Company, alice: Client) -> None:
    conversation = company.conversation()
    body = post(alice, messages_path(conversation), {"text": "a", "thinking": "budgeted", "budget": 512}).json()
    assert (body["run"]["thinking"], body["run"]["thinking_budget"]) == ("budgeted", 512)
    read = alice.get(f"/api/conversations/{conversation.pk}").json()
    assert (read["thinking"], read["thinking_budget"]) == ("budgeted", 512)


def test_an_engine_that_keeps_to_no_budget_is_not_asked_to(company: Company, alice: Client) -> None:
    Engine.objects.update(supports_budget=False)
    answer = post(alice, messages_path(company.conversation()), {"text": "a", "thinking": "budgeted"})
    assert (answer.status_code, error_of(answer)) == (400, "cannot_budget")


def ask_long(company: Company, alice: Client, history: int, characters: int, **effort: str) -> "Answer":
    asked = company.asked()
    Run.objects.update(state=RunState.FINISHED)
    Message.objects.filter(pk=asked.answer.pk).update(branch_tokens=history)
    return post(alice, messages_path(asked.conversation), {"text": "a" * characters, **effort})


def test_what_cannot_fit_is_refused_with_sizes_and_choices(company: Company, alice: Client) -> None:
    larger = Engine.objects.create(name="Reads more", model="m", address="http://127.0.0.1:9", context_tokens=100_000)
    Engine.objects.create(name="Reserved", model="r", address="http://127.0.0.1:9", context_tokens=10**6, reserved=True)
    answer = ask_long(company, alice, 3000, 12_000)
    assert (answer.status_code, error_of(answer)) == (409, "context_too_long")
    assert answer.json()["error"]["details"] == {
        "limit": 4096,
        "history": 3000,
        "question": 3000,
        "choices": ["compact", "parts"],
        "engines": [{"id": str(larger.pk), "name": "Reads more", "context_tokens": 100_000}],
    }
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("history", "characters", "effort"),
    [(3000, 12_000, {"context": "compact"}), (3000, 12_000, {"context": "parts"}), (4000, 100, {}), (100, 12_000, {})],
)
def test_what_may_fit_or_was_chosen_is_the_workers_to_decide(
    history: int, characters: int, effort: dict[str, str], company: Company, alice: Client
) -> None:
    answer = ask_long(company, alice, history, characters, **effort)
    assert answer.status_code == 202
    assert answer.json()["run"]["context"] == effort.get("context", "")


def test_a_run_tells_what_was_sent(company: Company, alice: Client) -> None:
    asked = company.asked()
    Run.objects.update(state=RunState.FINISHED, sent={"tokens": 7, "documents": []})
    assert alice.get(f"/api/runs/{asked.run.pk}").json()["sent"] == {"tokens": 7, "documents": []}
