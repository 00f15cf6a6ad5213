"""Who speaks, in the prompt of a conversation in which several people ask."""

import itertools

from portal.accounts.models import User
from portal.chat.models import Conversation
from portal.chat.selectors import prompts
from portal.chat.services.answer import Settlement, settle_answers
from portal.chat.services.ask import Question, ask
from portal.runs.models import Run
from tests.people import Company
from tests.portal.chat.shared import share
from tests.portal.runs.conftest import claimed, ending
from workers.adapters.prompt import messages_of

INTRODUCTION = (
    "(The questions so far were asked by Alice Ader. From here on, each begins with the name of who asks it.)"
)


def asked(company: Company, conversation: Conversation, name: str, text: str) -> Run:
    run = ask(company.actor(name), conversation.pk, Question(text)).run
    settle_answers([Settlement(ending(claimed(run), 2), f"Answer to {text}", "")])
    return run


def questions(run: Run) -> list[str]:
    return [turn.text for turn in prompts([run.pk])[run.pk] if turn.role == "user"]


def named(company: Company, **names: str) -> None:
    for username, name in names.items():
        first, last = name.split()
        User.objects.filter(username=username).update(first_name=first, last_name=last)


def test_names_begin_with_the_second_person(company: Company) -> None:
    named(company, alice="Alice Ader", bob="Bob Boos", erin="Bob Boos")
    conversation = company.conversation("alice")
    share(company, conversation, "bob")
    share(company, conversation, "erin")
    runs = [asked(company, conversation, name, f"{name}?") for name in ("alice", "alice", "bob", "alice", "erin")]
    assert questions(runs[1]) == ["alice?", "alice?"]
    assert questions(runs[-1]) == [
        "alice?",
        "alice?",
        f"{INTRODUCTION}\n\nBob Boos: bob?",
        "Alice Ader: alice?",
        "Bob Boos (erin): erin?",
    ]
    sent = [messages_of(prompts([run.pk])[run.pk]) for run in runs]
    for earlier, later in itertools.pairwise(sent):
        assert later[: len(earlier)] == earlier


def test_one_person_has_no_name(company: Company) -> None:
    conversation = company.conversation("alice")
    share(company, conversation, "bob")
    asked(company, conversation, "bob", "One?")
    assert questions(asked(company, conversation, "bob", "Two?")) == ["One?", "Two?"]
