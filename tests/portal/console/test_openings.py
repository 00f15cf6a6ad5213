"""Instructions and first questions in the console: managers of the place change them, and nothing typed is lost."""

import pytest
from django.test import Client

from portal.departments.models import Workspace
from portal.prompts.selectors import first_questions, instructions_of
from portal.prompts.services.instructions import set_instructions
from tests.conftest import ClientOf
from tests.people import Company


@pytest.fixture
def erin(company: Company, client_of: ClientOf) -> Client:
    return client_of(company, "erin")


def test_instructions_are_changed_and_shown(company: Company, erin: Client) -> None:
    place = f"/console/workspaces/{company.workspace().pk}/"
    assert "The model is told nothing in particular here." in erin.get(place).content.decode()
    answer = erin.post(f"{place}instructions/", {"instructions": "Be brief.\r\nBe <kind>."})
    assert answer["Location"] == place
    assert instructions_of(company.workspace()) == "Be brief.\nBe <kind>."
    assert "Be brief.\nBe &lt;kind&gt;." in erin.get(place).content.decode()
    assert "Be &lt;kind&gt;." in erin.get(f"{place}instructions/").content.decode()


def test_what_is_too_long_stays_in_the_form(company: Company, erin: Client) -> None:
    text = "x" * 8_001
    answer = erin.post(f"/console/workspaces/{company.workspace().pk}/instructions/", {"instructions": text})
    assert answer.status_code == 413
    assert "8,001 characters, at most 8,000" in answer.content.decode()
    assert text in answer.content.decode()
    assert instructions_of(company.workspace()) == ""


@pytest.mark.parametrize("kind", ["workspaces", "departments"])
def test_first_questions_are_one_a_line(kind: str, company: Company, erin: Client) -> None:
    place = company.workspace() if kind == "workspaces" else company.departments["Logistics"]
    address = f"/console/{kind}/{place.pk}/first-questions/"
    assert erin.post(address, {"questions": "Where is it?\r\n\r\nWhen does it arrive?"}).status_code == 302
    assert first_questions(place) == ["Where is it?", "When does it arrive?"]
    assert "Where is it?\nWhen does it arrive?" in erin.get(address).content.decode()
    refused = erin.post(address, {"questions": "\n".join("abcdefghi")})
    assert refused.status_code == 400
    assert "At most 8 first questions" in refused.content.decode()
    assert first_questions(place) == ["Where is it?", "When does it arrive?"]


def test_a_manager_of_elsewhere_changes_nothing(company: Company, erin: Client) -> None:
    legal: Workspace = company.workspace("Legal")
    set_instructions(company.actor("dana"), legal, "Cite the clause.")
    assert erin.post(f"/console/workspaces/{legal.pk}/instructions/", {"instructions": "x"}).status_code == 404
    assert instructions_of(legal) == "Cite the clause."
