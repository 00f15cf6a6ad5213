"""Conversations that everybody may read are live; a key is its asker's own, and so is the reason of a denial."""

import pytest

from portal.chat.services import ask as asking
from portal.chat.services.ask import Question, ask
from portal.chat.sharing.services import open_to_workspace
from portal.core.actor import system_actor
from portal.core.errors import Conflict
from portal.departments.denials import deny
from portal.departments.explain import explain
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.people import Company

SYSTEM = system_actor("test")


def test_a_question_where_everyone_may_read_is_told(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(asking, "tell_news", lambda conversation, what: told.append((conversation, what)))
    conversation = company.asked("alice").conversation
    Run.objects.update(state=RunState.FINISHED)
    ask(company.actor("alice"), conversation.pk, Question("And to whom?"))
    assert told == []
    Run.objects.update(state=RunState.FINISHED)
    open_to_workspace(company.actor("alice"), conversation.pk, "ask")
    ask(company.actor("bob"), conversation.pk, Question("And when?"))
    assert told == [(conversation.pk, "messages")]


def test_a_key_is_its_askers_own(company: Company) -> None:
    conversation = company.conversation("alice")
    open_to_workspace(company.actor("alice"), conversation.pk, "ask")
    question = Question("Where is it?", idempotency_key="k1")
    first = ask(company.actor("alice"), conversation.pk, question)
    assert ask(company.actor("alice"), conversation.pk, question).question.pk == first.question.pk
    with pytest.raises(Conflict) as refused:
        ask(company.actor("bob"), conversation.pk, question)
    assert refused.value.code == "key_reused"


def test_the_reason_of_a_workspaces_denial_is_not_for_the_owner_of_a_conversation_in_it(company: Company) -> None:
    conversation, bob = company.conversation("alice"), company.people["bob"]
    deny(SYSTEM, bob, company.workspace(), ["conversation.view"], reason="Under inquiry")
    for name, noted in (("alice", ""), ("dana", "Under inquiry")):
        found = explain(company.actor(name), bob, "conversation.view", conversation)
        assert [ground.note for ground in found.grounds if ground.how == "denial"] == [noted]
