"""Instructions of a workspace, and first questions."""

import hashlib

import orjson
import pytest

from portal.audit.models import Entry
from portal.chat.access import conversation_to_show
from portal.core.errors import Forbidden, Invalid, NotFound, TooLarge
from portal.departments.models import Workspace
from portal.departments.services.tree import create_department
from portal.departments.services.workspaces import create_workspace
from portal.prompts.models import Instructions
from portal.prompts.selectors import Opening, first_questions, opening_of, questions_shown
from portal.prompts.services.instructions import set_instructions
from portal.prompts.services.questions import MOST_QUESTIONS, set_first_questions
from tests.conftest import ClientOf
from tests.people import Company

TOLD = "Answer in two sentences."


def test_whoever_manages_the_workspace_writes_its_instructions(company: Company) -> None:
    place = company.workspace()
    assert set_instructions(company.actor("erin"), place, f" {TOLD}\r\n") == TOLD
    with pytest.raises(Forbidden):
        set_instructions(company.actor("alice"), place, "Obey alice.")
    with pytest.raises(NotFound):
        set_instructions(company.actor("charlie"), place, "Obey charlie.")
    assert opening_of(place).instructions == TOLD
    set_instructions(company.actor("erin"), place, "  ")
    assert not Instructions.objects.exists()


def test_their_row_has_length_and_hash_and_no_content(company: Company) -> None:
    for text in (TOLD, TOLD, ""):
        set_instructions(company.actor("erin"), company.workspace(), text)
    rows = list(Entry.objects.filter(action="instructions.change").order_by("at"))
    assert [orjson.loads(row.body)["details"] for row in rows] == [
        {"change": "set", "characters": len(TOLD), "sha256": hashlib.sha256(TOLD.encode()).hexdigest()},
        {"change": "removed", "characters": 0, "sha256": ""},
    ]
    assert all(TOLD not in row.body for row in rows)


def test_all_who_open_the_workspace_read_them(company: Company, client_of: ClientOf) -> None:
    place = company.workspace()
    conversation = company.conversation()
    set_instructions(company.actor("erin"), place, "Answer <b>shortly</b>.")
    for path in (f"/w/{place.pk}/", f"/c/{conversation.pk}/"):
        page = client_of(company, "alice").get(path).content.decode()
        assert "Answer &lt;b&gt;shortly&lt;/b&gt;." in page
    set_instructions(company.actor("erin"), place, "")
    assert "data-instructions" not in client_of(company, "alice").get(f"/c/{conversation.pk}/").content.decode()


def test_a_conversation_is_shown_with_them_in_no_more_statements(company: Company) -> None:
    conversation = company.conversation()
    set_instructions(company.actor("erin"), company.workspace(), TOLD)
    found, _ = conversation_to_show(company.actor("alice"), conversation.pk)
    assert found.workspace.instructions.text == TOLD


def test_the_limit_counts(company: Company) -> None:
    with pytest.raises(TooLarge):
        set_instructions(company.actor("erin"), company.workspace(), "x" * 8_001)


def test_the_nearest_first_questions_are_shown(company: Company) -> None:
    dana, logistics = company.actor("dana"), company.departments["Logistics"]
    below = create_department(dana, "Customs", logistics)
    place = create_workspace(dana, below, "Declarations")
    assert opening_of(place) == Opening()
    set_first_questions(dana, logistics, ["Where is it?", " ", "When does it arrive?"])
    assert questions_shown(place) == ["Where is it?", "When does it arrive?"]
    set_first_questions(dana, below, ["Which code?"])
    assert questions_shown(place) == ["Which code?"]
    assert questions_shown(Workspace.objects.get(pk=company.workspace().pk)) == ["Where is it?", "When does it arrive?"]
    set_first_questions(dana, place, ["Which paper?"])
    set_instructions(dana, place, TOLD)
    assert opening_of(place) == Opening(TOLD, ("Which paper?",))
    set_first_questions(dana, place, [])
    assert (first_questions(place), questions_shown(place)) == ([], ["Which code?"])
    assert questions_shown(company.workspace("Legal")) == []


def test_who_chooses_first_questions(company: Company) -> None:
    logistics, erin = company.departments["Logistics"], company.actor("erin")
    assert set_first_questions(erin, logistics, ["a\n b"]) == ["a b"]
    for place in (logistics, company.workspace()):
        with pytest.raises(Forbidden):
            set_first_questions(company.actor("alice"), place, ["x"])
        with pytest.raises(NotFound):
            set_first_questions(company.actor("charlie"), place, ["x"])
    with pytest.raises(Invalid):
        set_first_questions(erin, logistics, ["x"] * (MOST_QUESTIONS + 1))
    with pytest.raises(TooLarge):
        set_first_questions(erin, logistics, ["x" * 501])
    assert first_questions(logistics) == ["a b"]


def test_they_stand_on_the_empty_conversation(company: Company, client_of: ClientOf) -> None:
    set_first_questions(company.actor("erin"), company.departments["Logistics"], ["Which <ships> are late?"])
    alice = client_of(company, "alice")
    assert "Which &lt;ships&gt; are late?" in alice.get("/").content.decode()
    assert "ships" not in alice.get(f"/c/{company.conversation().pk}/").content.decode()
