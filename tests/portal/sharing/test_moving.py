"""Moving a conversation re-checks every right on what it holds, and says before what it does."""

import datetime
import json
from collections.abc import Callable

import pytest
from django.utils import timezone

from portal.audit.models import Entry
from portal.chat.break_glass.requests import Scope
from portal.chat.models import Conversation, Placing
from portal.chat.moving.services import Moved, move_conversation, move_targets, preview_move
from portal.chat.placing.services import Changes, change_conversation, create_folder
from portal.chat.services.ask import Question, ask
from portal.chat.sharing.selectors import sharing_of
from portal.chat.sharing.services import open_to_workspace, share_with
from portal.core.actor import system_actor
from portal.core.errors import AppError
from portal.departments.denials import deny
from portal.engines.models import Engine
from portal.files.models import File
from portal.retention.models import Rule
from portal.retention.services.holds import place_hold
from portal.retention.services.sweep import sweep
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.people import Company, join
from tests.portal.chat.sealed import approved
from tests.portal.files.uploads import read_file

SYSTEM = system_actor("test")


@pytest.fixture
def conversation(company: Company) -> Conversation:
    """Bob's, in Logistics; he is of Finance too."""
    found = company.asked("bob").conversation
    Run.objects.update(state=RunState.FINISHED)
    return found


def move(company: Company, conversation: Conversation, to: str = "Finance", everyone: str = "") -> Moved:
    return move_conversation(company.actor("bob"), conversation.pk, company.workspace(to).pk, everyone)


def reads(company: Company, conversation: Conversation) -> set[str]:
    return {
        name
        for name in company.people
        if Conversation.objects.allowed(company.actor(name), "conversation.view").filter(pk=conversation.pk).exists()
    }


def test_those_outside_the_new_workspace_lose_it_and_get_it_back(company: Company, conversation: Conversation) -> None:
    bob = company.actor("bob")
    assert [item.name for item in move_targets(bob, conversation.pk)] == ["Finance desk"]
    share_with(bob, conversation.pk, company.people["alice"].pk, "ask")
    open_to_workspace(bob, conversation.pk, "read")
    before = reads(company, conversation)
    told = preview_move(bob, conversation.pk, company.workspace("Finance").pk)
    assert (told.loses, told.losing, told.closed, told.gaining) == (("alice", "erin"), 2, "read", 0)
    assert Conversation.objects.get().workspace == company.workspace()
    assert move(company, conversation) == told
    assert reads(company, conversation) == {"bob"}
    assert json.loads(Entry.objects.get(action="conversation.move").body)["details"]["lost"] == 2
    move(company, conversation, "Logistics", everyone="read")
    assert reads(company, conversation) == before


def test_whoever_may_not_share_there_moves_it_alone(company: Company, conversation: Conversation) -> None:
    bob = company.actor("bob")
    join(company.people["alice"], company.departments["Finance"])
    share_with(bob, conversation.pk, company.people["alice"].pk, "ask")
    deny(SYSTEM, company.people["bob"], company.workspace("Finance"), ["conversation.share"])
    assert move(company, conversation).withdrawn == ("alice",)
    assert reads(company, conversation) == {"bob"}


def test_a_right_that_he_lacks_there_is_taken_back(company: Company, conversation: Conversation) -> None:
    bob = company.actor("bob")
    join(company.people["alice"], company.departments["Finance"])
    share_with(bob, conversation.pk, company.people["alice"].pk, "ask")
    deny(SYSTEM, company.people["bob"], company.workspace("Finance"), ["message.ask"])
    move(company, conversation)
    assert [share.access for share in sharing_of(bob, conversation.pk).shares] == ["read"]
    with pytest.raises(AppError):
        move(company, conversation, "Logistics", everyone="ask") and move(company, conversation, everyone="ask")


def _unfinished(company: Company, conversation: Conversation) -> None:
    Run.objects.update(state=RunState.RUNNING)


def _held_place(company: Company, conversation: Conversation) -> None:
    place_hold(company.actor("dana"), conversation.workspace, "court")


def _held_person(company: Company, conversation: Conversation) -> None:
    place_hold(company.actor("dana"), company.people["bob"], "court")


def _read_under_break_glass(company: Company, conversation: Conversation) -> None:
    approved(company, Scope(conversation.workspace_id))


def _may_not_begin(company: Company, conversation: Conversation) -> None:
    deny(SYSTEM, company.people["bob"], company.workspace("Finance"), ["conversation.create"])


def _may_not_read(company: Company, conversation: Conversation) -> None:
    deny(SYSTEM, company.people["bob"], company.workspace("Finance"), ["conversation.view"])


def _may_not_open(company: Company, conversation: Conversation) -> None:
    deny(SYSTEM, company.people["bob"], company.workspace("Finance"), ["workspace.view"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (_unfinished, "still_answering"),
        (_held_place, "held"),
        (_held_person, "held"),
        (_read_under_break_glass, "being_read"),
        (_may_not_begin, "forbidden"),
        (_may_not_read, "not_readable_there"),
        (_may_not_open, "not_found"),
    ],
)
def test_refused(
    company: Company, conversation: Conversation, given: Callable[[Company, Conversation], None], code: str
) -> None:
    given(company, conversation)
    for act in (preview_move, move_conversation):
        with pytest.raises(AppError) as refused:
            act(company.actor("bob"), conversation.pk, company.workspace("Finance").pk)
        assert refused.value.code == code
    assert Conversation.objects.get(pk=conversation.pk).workspace == company.workspace()


def test_only_the_owner_moves_it_and_not_to_where_it_is(company: Company, conversation: Conversation) -> None:
    share_with(company.actor("bob"), conversation.pk, company.people["alice"].pk, "ask")
    for name, to, code in (
        ("alice", "Finance", "not_the_owner"),
        ("charlie", "Legal", "not_found"),
        ("bob", "Logistics", "same_workspace"),
        ("bob", "Legal", "not_found"),
    ):
        with pytest.raises(AppError) as refused:
            move_conversation(company.actor(name), conversation.pk, company.workspace(to).pk)
        assert refused.value.code == code


def test_files_go_along_and_new_questions_count_there(company: Company) -> None:
    file = read_file(company, "bob")
    bob = company.actor("bob")
    conversation = company.conversation("bob")
    asked = ask(bob, conversation.pk, Question("What does it say?", files=(file.pk,)))
    folder = create_folder(bob, company.workspace().pk, "Ships")
    change_conversation(bob, conversation.pk, Changes(moves=True, folder=folder.pk))
    Run.objects.update(state=RunState.FINISHED)
    assert move(company, conversation).files == 1
    assert File.objects.get(pk=file.pk).workspace == company.workspace("Finance")
    assert not Placing.objects.exists()
    later = ask(bob, conversation.pk, Question("And now?"))
    places = dict(Run.objects.values_list("pk", "workspace__name"))
    assert (places[asked.run.pk], places[later.run.pk]) == ("Logistics desk", "Finance desk")


def test_a_shorter_time_is_said_before(company: Company, conversation: Conversation) -> None:
    Rule.objects.create(workspace=company.workspace("Finance"), days=30)
    Conversation.objects.update(active_at=timezone.now() - datetime.timedelta(days=40))
    kept = preview_move(company.actor("bob"), conversation.pk, company.workspace("Finance").pk).kept
    assert (kept.before, kept.after, kept.is_past) == (None, 30, True)


def test_an_engine_that_is_closed_to_him_is_named(company: Company, conversation: Conversation) -> None:
    Engine.objects.update(reserved=True)
    assert move(company, conversation).engine == "scripted"


def test_a_hold_on_the_old_workspace_keeps_what_was_asked_there(company: Company, conversation: Conversation) -> None:
    """And the sweep of the new one goes on with the others."""
    move(company, conversation)
    Rule.objects.create(workspace=company.workspace("Finance"), days=30)
    Conversation.objects.update(active_at=timezone.now() - datetime.timedelta(days=40))
    hold = place_hold(company.actor("dana"), company.workspace(), "court")
    assert sweep(SYSTEM).items["conversations"] == 0
    assert Conversation.objects.exists()
    assert hold
