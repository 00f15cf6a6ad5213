"""Whoever may look but not ask is told so, and comes first to where he may ask."""

import pytest

from portal.core.actor import system_actor
from portal.departments.denials import deny
from portal.departments.services.memberships import give_role
from portal.departments.services.roles import create_role
from tests.conftest import ClientOf
from tests.people import Company

SYSTEM = system_actor("test")
NOTE = "but not ask in it"


@pytest.fixture
def observing(company: Company) -> Company:
    """Charlie of Legal also looks on in Finance, which comes before it in the tree."""
    observer = create_role(SYSTEM, "Observer", ["workspace.view"])
    give_role(SYSTEM, company.people["charlie"], company.departments["Finance"], observer)
    return company


def test_the_first_page_is_one_to_ask_in(observing: Company, client_of: ClientOf) -> None:
    page = client_of(observing, "charlie").get("/").content.decode()
    assert NOTE not in page
    assert '<span class="switcher__name">Legal desk' in page
    assert "Finance desk" in page


def test_a_workspace_to_look_at_says_so(observing: Company, client_of: ClientOf) -> None:
    client, desk = client_of(observing, "charlie"), observing.workspace("Finance")
    page = client.get(f"/w/{desk.pk}/").content.decode()
    assert NOTE in page
    assert '<form class="composer" id="composer" hidden>' in page
    body = {"workspace": str(desk.pk), "text": "May I?"}
    assert client.post("/api/conversations", body, "application/json").status_code == 403


def test_a_conversation_in_which_asking_is_denied(company: Company, client_of: ClientOf) -> None:
    client, conversation = client_of(company, "alice"), company.conversation()
    deny(SYSTEM, company.people["alice"], conversation, ["message.ask"])
    assert NOTE in client.get(f"/c/{conversation.pk}/").content.decode()
    answer = client.post(f"/api/conversations/{conversation.pk}/messages", {"text": "May I?"}, "application/json")
    assert answer.status_code == 403
