"""A conversation as a tree over `/api`: edited questions, other engines, answers that go on, branches."""

import uuid

import pytest
from django.test import Client

from portal.audit.models import Entry
from portal.chat.choices import Author
from portal.chat.models import Conversation, Message
from portal.chat.selectors import prompts
from portal.chat.services.ask import Asked, Question, ask
from portal.departments.grants import give
from portal.engines.models import Engine
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.test_asking import error_of, messages_path, post, stored


@pytest.fixture
def alice(company: Company, client_of: ClientOf) -> Client:
    return client_of(company, "alice")


def settle(text: str = "At the harbour.", *, state: str = RunState.FINISHED, reason: str = "stop") -> None:
    """What a worker would have written of every run that is unfinished."""
    for run in Run.objects.unfinished():
        Message.objects.filter(run=run).update(text=text)
        Run.objects.filter(pk=run.pk).update(state=state, finish_reason=reason)


@pytest.fixture
def asked(company: Company) -> Asked:
    """Two questions one after the other, both answered."""
    first = company.asked()
    settle()
    ask(company.actor("alice"), first.conversation.pk, Question("And container 8?"))
    settle()
    return first


def texts(client: Client, conversation: Conversation, at: object = None) -> list[str]:
    query = {"at": str(at)} if at else {}
    return [item["text"] for item in client.get(messages_path(conversation), query).json()["items"]]


def edit(client: Client, asked: Asked, **fields: object) -> dict[str, object]:
    body = {"text": "Where is container 9?", "parent": None, **fields}
    answer = post(client, messages_path(asked.conversation), body)
    assert answer.status_code == 202, answer.content
    found: dict[str, object] = answer.json()
    return found


def read_for(run: Run) -> list[tuple[str, str]]:
    """What the worker reads of the branch, as roles and texts."""
    return [(turn.role, turn.text) for turn in prompts([run.pk])[run.pk]]


def test_an_edited_question_stands_beside_the_old_one(asked: Asked, alice: Client) -> None:
    new = edit(alice, asked)
    assert new["message"]["siblings"] == [str(asked.question.pk), new["message"]["id"]]  # type: ignore[index]
    assert new["message"]["parent"] is None  # type: ignore[index]
    assert texts(alice, asked.conversation) == ["Where is container 9?", ""]
    assert texts(alice, asked.conversation, asked.question.pk) == [
        "Where is container 7?",
        "At the harbour.",
        "And container 8?",
        "At the harbour.",
    ]
    # The engine reads the branch that it answers, and nothing of the other.
    run = Run.objects.unfinished().get()
    assert read_for(run) == [("user", "Where is container 9?")]


def test_a_question_goes_under_the_answer_that_it_names(asked: Asked, alice: Client) -> None:
    new = edit(alice, asked, parent=str(asked.answer.pk))
    siblings = new["message"]["siblings"]  # type: ignore[index]
    assert len(siblings) == 2
    assert texts(alice, asked.conversation)[:3] == ["Where is container 7?", "At the harbour.", "Where is container 9?"]
    listed = alice.get(f"{messages_path(asked.conversation)}/{siblings[0]}/siblings").json()["items"]
    assert [item["id"] for item in listed] == siblings
    assert listed[0]["text"] == "And container 8?"


@pytest.mark.parametrize("parent", ["question", "foreign", "missing"])
def test_a_question_has_no_other_place(parent: str, asked: Asked, company: Company, alice: Client) -> None:
    foreign = company.asked("alice", "Elsewhere")
    settle()
    places = {"question": asked.question.pk, "foreign": foreign.answer.pk, "missing": uuid.uuid4()}
    before = stored()
    answer = post(alice, messages_path(asked.conversation), {"text": "a", "parent": str(places[parent])})
    expected = "bad_parent" if parent == "question" else "unknown_message"
    assert (answer.status_code, error_of(answer)) == (400, expected)
    assert stored() == before


def test_the_same_key_in_another_place_is_another_question(asked: Asked, alice: Client) -> None:
    path, body = messages_path(asked.conversation), {"text": "Once?", "parent": str(asked.answer.pk)}
    first = post(alice, path, body, **{"Idempotency-Key": "one"})
    again = post(alice, path, body, **{"Idempotency-Key": "one"})
    assert (again.status_code, again.json()["message"]["id"]) == (202, first.json()["message"]["id"])
    elsewhere = post(alice, path, {**body, "parent": None}, **{"Idempotency-Key": "one"})
    assert (elsewhere.status_code, error_of(elsewhere)) == (409, "key_reused")


def test_a_branch_is_shown_to_its_newest_end(asked: Asked, alice: Client) -> None:
    edit(alice, asked)
    settle()
    head = f"/api/conversations/{asked.conversation.pk}/head"
    answer = post(alice, head, {"message": str(asked.question.pk)})
    assert answer.status_code == 200
    asked.conversation.refresh_from_db()
    assert answer.json()["head"] == str(asked.conversation.head_id)
    assert texts(alice, asked.conversation)[2:] == ["And container 8?", "At the harbour."]
    row = Entry.objects.get(action="branch.switch", outcome="allowed")
    assert row.object_id == str(asked.conversation.pk)


def test_no_branch_is_turned_while_an_answer_is_written(asked: Asked, alice: Client) -> None:
    new = edit(alice, asked)
    head = f"/api/conversations/{asked.conversation.pk}/head"
    answer = post(alice, head, {"message": str(asked.question.pk)})
    assert (answer.status_code, error_of(answer)) == (409, "still_answering")
    # Where it is shown already, nothing is turned.
    assert post(alice, head, {"message": new["message"]["id"]}).status_code == 200  # type: ignore[index]


@pytest.mark.parametrize("kind", ["foreign", "missing"])
def test_a_message_of_elsewhere_is_no_branch(kind: str, asked: Asked, company: Company, alice: Client) -> None:
    message = company.asked("alice", "Elsewhere").question.pk if kind == "foreign" else uuid.uuid4()
    settle()
    answer = post(alice, f"/api/conversations/{asked.conversation.pk}/head", {"message": str(message)})
    assert (answer.status_code, error_of(answer)) == (400, "unknown_message")
    listed = alice.get(messages_path(asked.conversation), {"at": str(message)})
    assert (listed.status_code, error_of(listed)) == (400, "unknown_message")
    page = alice.get(f"/c/{asked.conversation.pk}/", {"at": str(message)})
    assert page.status_code == 400


def test_who_only_reads_turns_branches_on_his_own_page(asked: Asked, company: Company, client_of: ClientOf) -> None:
    edit(client_of(company, "alice"), asked)
    settle()
    give(company.actor("alice"), company.people["bob"], asked.conversation, ["conversation.view"])
    bob = client_of(company, "bob")
    head = Conversation.objects.get(pk=asked.conversation.pk).head_id
    assert (
        post(bob, f"/api/conversations/{asked.conversation.pk}/head", {"message": str(asked.question.pk)}).status_code
        == 403
    )
    page = bob.get(f"/c/{asked.conversation.pk}/", {"at": str(asked.question.pk)}).content.decode()
    assert "And container 8?" in page
    assert Conversation.objects.get(pk=asked.conversation.pk).head_id == head


def test_another_engine_answers_where_it_may_be_used(asked: Asked, company: Company, alice: Client) -> None:
    second = Engine.objects.create(name="second", model="second", address="http://127.0.0.1:9", reserved=True)
    again = f"{messages_path(asked.conversation)}/{asked.answer.pk}/regenerate"
    before = stored()
    for path, body in ((again, {}), (messages_path(asked.conversation), {"text": "a"})):
        refused = post(alice, path, {**body, "engine": str(second.pk)})
        assert (refused.status_code, error_of(refused)) == (400, "unknown_engine")
    assert stored() == before
    Engine.objects.filter(pk=second.pk).update(reserved=False)
    answer = post(alice, again, {"engine": str(second.pk)})
    assert answer.status_code == 202
    assert answer.json()["run"]["engine"] == str(second.pk)
    assert answer.json()["answer"]["siblings"] == [str(asked.answer.pk), answer.json()["answer"]["id"]]


@pytest.mark.parametrize(("state", "reason"), [("cancelled", ""), ("failed", ""), ("finished", "length")])
def test_an_answer_that_broke_off_goes_on(state: str, reason: str, company: Company, alice: Client) -> None:
    asked = company.asked()
    settle("At the har", state=state, reason=reason)
    path = f"{messages_path(asked.conversation)}/{asked.answer.pk}/continue"
    answer = post(alice, path, {})
    assert answer.status_code == 202
    assert answer.json()["answer"]["siblings"] == [str(asked.answer.pk), answer.json()["answer"]["id"]]
    run = Run.objects.unfinished().get()
    assert run.thinking == "off"
    assert read_for(run) == [("user", "Where is container 7?"), ("assistant", "At the har")]
    assert Message.objects.get(pk=asked.answer.pk).text == "At the har"
    assert Entry.objects.filter(action="message.continue", outcome="allowed").count() == 1


@pytest.mark.parametrize(
    ("text", "state", "reason"), [("Whole.", "finished", "stop"), ("", "cancelled", ""), ("", "finished", "length")]
)
def test_what_is_complete_or_has_no_text_does_not_go_on(
    text: str, state: str, reason: str, company: Company, alice: Client
) -> None:
    asked = company.asked()
    settle(text, state=state, reason=reason)
    before = stored()
    answer = post(alice, f"{messages_path(asked.conversation)}/{asked.answer.pk}/continue", {})
    assert (answer.status_code, error_of(answer)) == (409, "nothing_to_continue")
    assert stored() == before


@pytest.mark.parametrize("act", ["regenerate", "continue"])
def test_a_question_is_no_answer(act: str, asked: Asked, alice: Client) -> None:
    answer = post(alice, f"{messages_path(asked.conversation)}/{asked.question.pk}/{act}", {})
    assert (answer.status_code, error_of(answer)) == (404, "not_found")
    assert not Message.objects.filter(author=Author.MODEL, parent=None).exists()
