"""Each row of what was allowed names the decision's reason."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.invitations import accept_invitation, issue_invitation
from portal.accounts.models import User
from portal.audit.journal import Act, new_entry, record_acts
from portal.audit.models import Entry
from portal.audit.ocsf import event
from portal.audit.scene import Scene, because, opened
from portal.audit.wanted import Wanted, page_of
from portal.chat.services.ask import Question, ask, start_conversation
from portal.core.actor import system_actor
from portal.departments.access import workspace_for_view
from portal.departments.grants import give
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.chat.sealed import approved

SYSTEM = system_actor("test")


def last(**columns: Any) -> Entry:
    found = Entry.objects.filter(outcome="allowed", **columns).order_by("at").last()
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "path", "reason"),
    [
        ("alice", "/", "signed_in"),
        ("alice", "/api/workspaces", "signed_in"),
        ("alice", "/api/me", "own_account"),
        ("alice", "/notices/", "own_account"),
        ("alice", "/w/{workspace}/", "role"),
        ("charlie", "/w/{workspace}/", "grant"),
        ("alice", "/c/{conversation}/", "owner"),
        ("charlie", "/api/conversations/{conversation}", "grant"),
        ("alice", "/api/runs/{run}", "owner"),
        ("charlie", "/api/runs/{run}", "grant"),
        ("erin", "/api/departments/{department}/people", "role"),
        ("dana", "/api/departments/{department}/people", "platform_role"),
        ("erin", "/api/workspaces/{workspace}", "role"),
        ("dana", "/api/workspaces/{workspace}", "platform_role"),
        ("erin", "/console/departments/", "role"),
        ("dana", "/console/departments/", "platform_role"),
        ("dana", "/console/", "platform_role"),
        ("frank", "/console/journal/", "auditor"),
        ("frank", "/api/audit", "auditor"),
        ("dana", "/api/settings", "platform_role"),
        ("dana", "/api/break-glass", "platform_role"),
        ("frank", "/api/break-glass", "auditor"),
    ],
)
def test_of_what_is_read(company: Company, client_of: ClientOf, name: str, path: str, reason: str) -> None:
    asked = company.asked("alice")
    charlie = company.people["charlie"]
    give(SYSTEM, charlie, company.workspace(), ["workspace.view"])
    give(SYSTEM, charlie, asked.conversation, ["conversation.view"])
    address = path.format(
        workspace=company.workspace().pk,
        conversation=asked.conversation.pk,
        run=asked.run.pk,
        department=company.departments["Logistics"].pk,
    )
    answer = client_of(company, name).get(address)
    assert answer.status_code == 200, answer.content
    assert last(actor_name=name).reason == reason


def test_of_questions(company: Company) -> None:
    """Whoever begins a conversation does so by his right in the workspace, and asks in what is his own."""
    alice, desk = company.actor("alice"), company.workspace()
    with opened(Scene()):
        _, asked = start_conversation(alice, desk.pk, Question("Where is container 7?"))
    assert last(action="conversation.create").reason == "role"
    assert last(action="message.ask").reason == "owner"
    assert asked
    bob = company.people["bob"]
    give(SYSTEM, bob, asked.conversation, ["conversation.view", "message.ask"])
    Run.objects.update(state=RunState.FINISHED)
    with opened(Scene()):
        ask(company.actor("bob"), asked.conversation.pk, Question("And container 8?"))
    assert last(action="message.ask", actor_name="bob").reason == "grant"


def test_of_signing_in_and_out(company: Company) -> None:
    company.people["alice"].set_password("correct horse")
    company.people["alice"].save()
    client = Client()
    client.post("/sign-in/", {"login": "alice", "password": "correct horse"})
    assert last(action="session.sign_in").reason == "password"
    client.post("/sign-out/")
    assert last(action="session.sign_in").reason == "own_account"


def test_of_an_accepted_invitation(company: Company) -> None:
    person = User.objects.create(username="heidi")
    person.set_unusable_password()
    person.save()
    issued = issue_invitation(company.actor("dana"), person)
    accept_invitation(person.pk, issued.token, "a long and quiet sentence")
    assert last(action="invitation.accept").reason == "invitation"


def test_of_break_glass(company: Company, client_of: ClientOf) -> None:
    asked = company.asked("alice")
    approved(company)
    assert client_of(company, "dana").get(f"/c/{asked.conversation.pk}/").status_code == 200
    assert last(action="break_glass.read").reason == "break_glass"


def test_the_appliance_s_own_acts_do_not_take_a_person_s_reason(company: Company) -> None:
    with opened(Scene()):
        because("owner")
        assert new_entry(SYSTEM, Act("run.reap")).reason == "job"
        assert new_entry(company.actor("alice"), Act("run.view")).reason == "owner"
        assert new_entry(company.actor("alice"), Act("run.view", outcome="failed")).reason == ""


def test_a_request_that_failed_does_not_take_its_door_s_reason(company: Company, client_of: ClientOf) -> None:
    asked = company.asked("alice")
    client = client_of(company, "alice")
    assert client.get(f"/api/conversations/{asked.conversation.pk}/messages?before=x").status_code == 400
    row = Entry.objects.order_by("at").last()
    assert row
    assert (row.outcome, row.reason) == ("failed", "status 400")


@pytest.mark.parametrize("name", ["alice", "charlie"])
def test_it_costs_no_query(company: Company, name: str) -> None:
    give(SYSTEM, company.people["charlie"], company.workspace(), ["workspace.view"])
    with CaptureQueriesContext(connection) as asked, opened(Scene()) as scene:
        workspace_for_view(company.actor(name), company.workspace().pk)
    assert (len(asked), scene.reason) == (1, {"alice": "role", "charlie": "grant"}[name])


def test_it_is_exported(company: Company) -> None:
    with opened(Scene()):
        company.asked("alice")
    assert event(last(action="message.ask"))["status_detail"] == "owner"


@pytest.mark.parametrize(
    ("text", "found"), [("owner", {"owner"}), ("gran", {"grant"}), ("N", {"owner", "grant", "signed_in", "no such"})]
)
def test_filtering_by_it(live_company: Company, text: str, found: set[str]) -> None:
    """Common reasons and uncommon ones, in one list in the order of the rows."""
    reasons = ["owner", "grant", "signed_in", "role", "no such"] * 2
    with transaction.atomic():
        record_acts(live_company.actor("alice"), [Act("run.view", reason=reason) for reason in reasons])
    rows = Entry.objects.filter(action="run.view")
    page = page_of(rows, Wanted(reason=text))
    assert {row.reason for row in page.rows} == found
    positions = [row.seq or 0 for row in page.rows]
    assert positions == sorted(set(positions), reverse=True)
    assert len(positions) == 2 * len(found)
    assert {
        row.reason for row in page_of(rows, Wanted(reason=text, person=live_company.people["alice"].pk)).rows
    } == found
