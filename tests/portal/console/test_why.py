"""Why a person may do something, what a person sees, and what was used: the same answers as the rights themselves."""

import pytest
from django.test import Client

from portal.departments.denials import deny
from portal.departments.grants import USE, give
from portal.departments.models import Department, Workspace
from portal.departments.models.tree import EVERY_RIGHT
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.console.test_company_changes import of, text_of


@pytest.fixture
def erin(company: Company, client_of: ClientOf) -> Client:
    """The client of the manager of Logistics."""
    return client_of(company, "erin")


def ask(client: Client, person: str, about: str, right: str = "workspace.view") -> str:
    return text_of(client.get("/console/why/", {"person": person, "about": about, "right": right}))


def test_a_role_gives_and_a_denial_wins(company: Company, dana: Client) -> None:
    desk, root = company.workspace("Legal"), Department.objects.get(name="Company")
    about = f"workspace:{desk.pk}"
    shown = ask(dana, "charlie", about)
    assert "charlie may do this." in shown
    assert "Member at Legal gives it." in shown
    assert f'href="{of(company, "Legal")}?q=charlie"' in shown
    deny(company.actor("dana"), company.departments["Legal"], root, [EVERY_RIGHT], "inquiry")
    shown = ask(dana, "charlie", about)
    assert "charlie may not do this." in shown
    assert "Denied for the people of Legal at Company: inquiry" in shown
    assert f'href="/console/rights/department/{root.pk}/"' in shown
    assert desk not in Workspace.objects.visible_to(company.actor("charlie"))


def test_what_nobody_gives_is_not_allowed(company: Company, dana: Client) -> None:
    shown = ask(dana, "alice", f"workspace:{company.workspace('Legal').pk}")
    assert "alice may not do this." in shown
    assert "What nobody gives is not allowed." in shown


def test_other_reasons_are_named(company: Company, dana: Client) -> None:
    desk = company.workspace("Legal")
    give(company.actor("dana"), company.departments["Logistics"], desk, USE)
    about = f"workspace:{desk.pk}"
    assert "It was given to the people of Logistics on Legal desk." in ask(dana, "alice", about)
    assert "grace is suspended." in ask(dana, "grace", about)
    assert "Platform administrators hold it everywhere." in ask(dana, "dana", about, "workspace.manage")
    assert "Everybody may use scripted" in ask(dana, "alice", f"engine:{company.engine.pk}", "engine.use")
    Workspace.objects.filter(pk=desk.pk).update(archived=True)
    assert "Legal desk is archived" in ask(dana, "charlie", about)


def test_a_wrong_question_keeps_what_was_typed(company: Company, dana: Client) -> None:
    about = f"workspace:{company.workspace('Legal').pk}"
    assert "no right that a workspace has" in ask(dana, "alice", about, "usage.view")
    shown = ask(dana, "nobody", about)
    assert "There is no such person." in shown
    assert 'value="nobody"' in shown
    assert 'value="alice"' in text_of(dana.get("/console/why/?person=alice"))


def test_a_manager_asks_about_the_own_places_only(company: Company, erin: Client) -> None:
    assert "alice may do this." in ask(erin, "alice", f"workspace:{company.workspace().pk}")
    answer = erin.get(
        "/console/why/",
        {"person": "charlie", "about": f"workspace:{company.workspace('Legal').pk}", "right": "workspace.view"},
    )
    assert answer.status_code == 400
    assert "may do this." not in text_of(answer)


def test_what_a_person_sees(company: Company, dana: Client, erin: Client) -> None:
    bob = company.people["bob"]
    give(company.actor("dana"), bob, company.workspace("Legal"), ["workspace.view"])
    shown = text_of(dana.get(f"/console/people/{bob.pk}/"))
    for wanted in ("Logistics desk", "Finance desk", "Legal desk", "Member at Finance", "given to the person"):
        assert wanted in shown
    assert "1 right<" in shown
    assert "5 rights" in shown
    shown = text_of(erin.get(f"/console/people/{bob.pk}/"))
    assert "Logistics desk" in shown
    assert "Finance" not in shown
    assert "Legal" not in shown


def test_usage_by_workspace_and_person(company: Company, erin: Client) -> None:
    url = f"{of(company)}usage/"
    assert "Nothing was used in this time." in text_of(erin.get(url))
    asked = company.asked("alice")
    Run.objects.filter(pk=asked.run.pk).update(prompt_tokens=1234, completion_tokens=56)
    for shown in (text_of(erin.get(url)), text_of(erin.get(url, {"period": "7"}))):
        for wanted in ("Logistics desk", "alice", "1234", "56"):
            assert wanted in shown
    own = {"period": "own", "since": "2020-01-01", "until": "2020-02-01"}
    assert "Nothing was used in this time." in text_of(erin.get(url, own))
    assert "The last day lies before the first." in text_of(erin.get(url, own | {"until": "2019-01-01"}))
    assert "Choose both days." in text_of(erin.get(url, {"period": "own"}))


def test_a_page_says_what_one_may_do_there_oneself(company: Company, erin: Client) -> None:
    shown = text_of(erin.get(of(company))).partition("What you may do here")[2]
    assert "Give and deny rights" in shown
    assert "Open a workspace" in shown


@pytest.mark.parametrize(
    ("query", "wanted", "missing"),
    [("?q=ali", "alice", "bob (bob)"), ("?q=nobody", "Nobody here is called so.", "alice"), ("?page=99", "alice", "x")],
)
def test_people_of_a_department_are_searched(
    company: Company, erin: Client, query: str, wanted: str, missing: str
) -> None:
    people = text_of(erin.get(of(company) + query)).partition('id="people"')[2].partition("</section>")[0]
    assert wanted in people
    assert f">{missing}<" not in people
