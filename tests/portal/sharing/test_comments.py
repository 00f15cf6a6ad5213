"""Comments are for people: whoever may read writes them, and the model never sees one."""

import json
import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.models import User
from portal.chat.break_glass.requests import Scope
from portal.chat.comments.selectors import comments_of, counts
from portal.chat.comments.services import (
    LONGEST_COMMENT,
    MOST_A_MINUTE,
    change_comment,
    delete_comment,
    write_comment,
)
from portal.chat.export.services import export_conversation
from portal.chat.models import Comment, Conversation, Message
from portal.chat.selectors import prompts
from portal.chat.services.ask import Question, ask
from portal.chat.sharing.selectors import readers
from portal.chat.sharing.services import share_with, take_back
from portal.core.actor import system_actor
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound, RateLimited, TooLarge
from portal.notices.models import Notice
from portal.notices.selectors import unseen_notices
from portal.retention.services.erase import erase_person
from portal.retention.services.holds import Held, place_hold
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.chat.sealed import approved

SAID = "Zanzibar is not what the model is asked about"


@pytest.fixture
def answer(company: Company) -> Message:
    """Of alice's conversation, which bob reads."""
    asked = company.asked("alice")
    Run.objects.update(state=RunState.FINISHED)
    Message.objects.filter(pk=asked.answer.pk).update(text="At the quay.")
    share_with(company.actor("alice"), asked.conversation.pk, company.people["bob"].pk, "read")
    Notice.objects.all().delete()
    return asked.answer


def written(company: Company, name: str, answer: Message, text: str = SAID, *mentions: str) -> Comment:
    people = [company.people[item].pk for item in mentions]
    return write_comment(company.actor(name), answer.conversation_id, answer.pk, text, people).comment


def test_who_may_only_read_comments_too(company: Company, answer: Message) -> None:
    written(company, "bob", answer)
    with pytest.raises(Forbidden):
        ask(company.actor("bob"), answer.conversation_id, Question("May I?"))
    for name in ("alice", "bob"):
        (seen,) = comments_of(company.actor(name), answer.conversation_id, answer.pk)
        assert (seen.author, seen.comment.text) == ("bob", SAID)
        assert counts(company.actor(name), answer.conversation_id) == {answer.pk: 1}
    for name in ("charlie", "erin"):
        with pytest.raises(NotFound):
            written(company, name, answer)
        with pytest.raises(NotFound):
            comments_of(company.actor(name), answer.conversation_id, answer.pk)


def test_no_prompt_holds_a_comment(company: Company, answer: Message) -> None:
    written(company, "bob", answer)
    asked = ask(company.actor("alice"), answer.conversation_id, Question("And container 8?"))
    (turns,) = prompts([asked.run.pk]).values()
    assert [turn.text for turn in turns] == ["Where is container 7?", "At the quay.", "And container 8?"]


def test_one_changes_ones_own_and_the_owner_deletes_any(company: Company, answer: Message) -> None:
    alice, bob = company.actor("alice"), company.actor("bob")
    comment, own = written(company, "bob", answer), written(company, "alice", answer)
    with pytest.raises(Forbidden):
        change_comment(alice, answer.conversation_id, comment.pk, "I never said so")
    with pytest.raises(Forbidden):
        delete_comment(bob, answer.conversation_id, own.pk)
    assert change_comment(bob, answer.conversation_id, comment.pk, "Otherwise").comment.edited_at
    delete_comment(alice, answer.conversation_id, comment.pk)
    delete_comment(alice, answer.conversation_id, own.pk)
    assert not Comment.objects.exists()
    elsewhere = company.asked("bob").conversation
    other = written(company, "alice", answer)
    with pytest.raises(NotFound):
        delete_comment(bob, elsewhere.pk, other.pk)


def test_limits(company: Company, answer: Message) -> None:
    with pytest.raises(TooLarge):
        written(company, "bob", answer, "x" * (LONGEST_COMMENT + 1))
    with pytest.raises(Invalid):
        written(company, "bob", answer, " \n ")
    for number in range(MOST_A_MINUTE):
        written(company, "bob", answer, f"{number}")
    with pytest.raises(RateLimited):
        written(company, "bob", answer)
    written(company, "alice", answer)


def test_the_mentioned_are_told_once_and_nobody_else(company: Company, answer: Message) -> None:
    comment = written(company, "alice", answer, "@bob look", "bob", "charlie", "alice", "erin")
    assert comment.mentions == [company.people["bob"].pk]
    (notice,) = unseen_notices(company.actor("bob"))
    assert (notice.body["title"], notice.body["by_name"]) == (answer.conversation.title, "alice")
    assert (notice.body["message"], notice.body["comment"]) == (str(answer.pk), str(comment.pk))
    change_comment(company.actor("alice"), answer.conversation_id, comment.pk, "@bob look!", comment.mentions)
    assert Notice.objects.count() == 1
    take_back(company.actor("alice"), answer.conversation_id, company.people["bob"].pk)
    assert unseen_notices(company.actor("bob")) == []


def test_names_that_are_not_readers_tell_nothing(company: Company, answer: Message, client_of: ClientOf) -> None:
    """Nobody learns who has an account: unknown, foreign and suspended look alike."""
    client = client_of(company, "alice")
    path = f"/api/conversations/{answer.conversation_id}"
    shown = set()
    for person in (company.people["charlie"].pk, company.people["grace"].pk, uuid.uuid4()):
        body = json.dumps({"text": "Hello", "mentions": [str(person)]})
        reply = client.post(f"{path}/messages/{answer.pk}/comments", body, "application/json")
        shown.add((reply.status_code, json.dumps(reply.json()["mentions"])))
    assert shown == {(201, "[]")}
    for name in ("charlie", "nobody", "grace", "erin"):
        assert client.get(f"{path}/readers?q={name}").json() == {"items": [], "next": None}
    assert [item.username for item in readers(company.actor("bob"), answer.conversation_id, "AL")] == ["alice"]


def test_a_question_mentions_too(company: Company, answer: Message) -> None:
    people = tuple(company.people[name].pk for name in ("bob", "charlie"))
    asked = ask(company.actor("alice"), answer.conversation_id, Question("@bob, and container 8?", mentions=people))
    (notice,) = Notice.objects.all()
    assert (notice.person_id, notice.about) == (people[0], asked.question.pk)
    (turns,) = prompts([asked.run.pk]).values()
    assert turns[-1].text == "@bob, and container 8?"


def test_exports_carry_them_and_break_glass_shows_them(company: Company, answer: Message, client_of: ClientOf) -> None:
    written(company, "bob", answer, "See\n# no heading")
    made = export_conversation(company.actor("alice"), answer.conversation_id, "json", "all")
    assert json.loads(made.content)["messages"][1]["comments"][0]["author"] == "bob"
    text = export_conversation(company.actor("alice"), answer.conversation_id, "markdown", "shown").content.decode()
    assert "> **Comment of bob**" in text
    assert "\n> \\# no heading" in text
    approved(company, Scope(conversation=answer.conversation_id))
    page = client_of(company, "dana").get(f"/c/{answer.conversation_id}/").content.decode()
    assert "no heading" in page
    assert "data-comments" not in page
    with pytest.raises(Forbidden):
        written(company, "dana", answer)


def test_a_hold_keeps_them(company: Company, answer: Message) -> None:
    comment = written(company, "bob", answer)
    place_hold(company.actor("dana"), company.people["bob"], "court")
    for act in (
        lambda: change_comment(company.actor("bob"), answer.conversation_id, comment.pk, "x"),
        lambda: delete_comment(company.actor("alice"), answer.conversation_id, comment.pk),
    ):
        with pytest.raises(Conflict):
            act()
    for statement in ("DELETE FROM chat_comment", "UPDATE chat_comment SET text = ''"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(Held):
        erase_person(company.actor("dana"), company.people["bob"].pk)


def test_erasing_a_person_takes_what_they_said(company: Company, answer: Message) -> None:
    written(company, "bob", answer, "@alice", "alice")
    written(company, "alice", answer, "@bob", "bob")
    done = erase_person(system_actor("test"), company.people["bob"].pk)
    assert (done.items["comments"], done.rows["chat_comment"]) == (1, 1)
    assert [row.author.username for row in Comment.objects.select_related("author")] == ["alice"]
    assert not Notice.objects.exists()
    erase_person(system_actor("test"), company.people["alice"].pk)
    assert not Comment.objects.exists()
    assert not Conversation.objects.exists()
    assert User.objects.filter(username__startswith="erased-").count() == 2
