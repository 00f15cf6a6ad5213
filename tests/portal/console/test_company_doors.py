"""Managers get what is theirs; of what is not, no more is told than of what is not there."""

import uuid
from typing import Any

import pytest
from django.test import Client

from portal.departments.denials import deny
from portal.departments.models import Department, Workspace
from portal.departments.models.tree import EVERY_RIGHT
from portal.departments.services.tree import create_department
from portal.departments.services.workspaces import create_workspace
from tests.conftest import ClientOf
from tests.people import Company, join
from tests.portal.console.company_pages import OF_A_PLACE, Ids, ids_of

NOWHERE = uuid.UUID("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def erin(company: Company, client_of: ClientOf) -> Client:
    """The client of the manager of Logistics."""
    return client_of(company, "erin")


def test_a_manager_begins_at_the_departments(erin: Client) -> None:
    assert erin.get("/console/")["Location"] == "/console/departments/"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", OF_A_PLACE)
def test_what_is_of_another_department_is_missing(route: str, method: str, company: Company, erin: Client) -> None:
    ids = ids_of(company, "Legal", "charlie")
    answer = getattr(erin, method)(ids.address(route))
    missing = getattr(erin, method)("/there-is-no-such-page/")
    assert answer.status_code == 404
    assert answer.content == missing.content


@pytest.mark.parametrize("route", OF_A_PLACE)
def test_what_is_nowhere_is_missing(route: str, company: Company, dana: Client) -> None:
    values: dict[str, Any] = dict.fromkeys(ids_of(company).values, NOWHERE) | {"kind": "workspace"}
    assert dana.get(Ids(values).address(route)).status_code == 404


@pytest.mark.parametrize("kind", ["conversation", "run", "nothing"])
def test_rights_on_other_kinds_have_no_page(kind: str, company: Company, dana: Client) -> None:
    asked = company.asked("alice")
    assert dana.get(f"/console/rights/{kind}/{asked.conversation.pk}/").status_code == 404


def test_a_manager_sees_the_own_subtree_only(company: Company, erin: Client) -> None:
    below: Any = Department.objects.add_child(
        Department.objects.get(pk=company.departments["Logistics"].pk), instance=Department(name="Customs")
    )
    for page in ("departments/", "people/", "workspaces/", "why/"):
        text = erin.get(f"/console/{page}").content.decode()
        assert "Legal" not in text, page
        assert "charlie" not in text, page
    tree = erin.get("/console/departments/").content.decode()
    assert str(below.pk) in tree
    assert str(company.departments["Logistics"].pk) in tree
    assert "Company" not in tree.split('id="tree"')[1]


def test_who_only_belongs_to_another_department_sees_nothing_of_it(company: Company, client_of: ClientOf) -> None:
    """A member elsewhere, a manager here: the other department has no page."""
    join(company.people["erin"], company.departments["Finance"])
    erin = client_of(company, "erin")
    assert erin.get(f"/console/departments/{company.departments['Finance'].pk}/").status_code == 404
    assert "Finance" not in erin.get("/console/departments/").content.decode()


@pytest.mark.parametrize("page", ["departments/", "people/", "workspaces/", "roles/"])
def test_administrators_see_everything(page: str, company: Company, dana: Client) -> None:
    text = dana.get(f"/console/{page}").content.decode()
    wanted = {"departments/": "Legal", "people/": "charlie", "workspaces/": "Legal desk", "roles/": "Manager"}
    assert wanted[page] in text


def test_a_manager_who_is_no_longer_one_is_out(company: Company, erin: Client) -> None:
    assert erin.get("/console/departments/").status_code == 200
    company.people["erin"].memberships.all().delete()
    assert erin.get("/console/departments/").status_code == 404
    assert erin.get("/console/").status_code == 404


def test_what_is_denied_below_is_not_shown_from_above(company: Company, erin: Client) -> None:
    dana, logistics = company.actor("dana"), company.departments["Logistics"]
    closed = create_department(dana, "Investigations", logistics)
    create_workspace(dana, closed, "Case files")
    create_workspace(dana, logistics, "Audit room")
    deny(dana, company.people["erin"], Workspace.objects.get(name="Audit room"), [EVERY_RIGHT])
    join(company.people["charlie"], closed)
    page = f"/console/departments/{logistics.pk}/?below=1"
    before = erin.get(page).content.decode()
    assert "charlie" in before
    assert "Investigations" in before
    deny(dana, company.people["erin"], closed, [EVERY_RIGHT])
    text = erin.get(page).content.decode()
    assert "alice" in text
    for name in ("charlie", "Investigations", "Case files", "Audit room"):
        assert name not in text


def test_the_page_of_rights_names_roles_and_denials_above(company: Company, dana: Client, erin: Client) -> None:
    root = Department.objects.get(name="Company")
    deny(company.actor("dana"), company.people["charlie"], root, ["message.ask"], "under investigation")
    deny(company.actor("dana"), company.people["alice"], root, ["message.ask"], "on leave")
    page = f"/console/rights/workspace/{company.workspace().pk}/"
    whole, part = dana.get(page).content.decode(), erin.get(page).content.decode()
    for text in (whole, part):
        assert "Nobody has a role here or above." not in text
        assert "Denied at the departments above" in text
    assert "under investigation" in whole
    assert "charlie" in whole
    # Not hers: the reasons, and who is nobody of hers.
    assert "alice" in part
    for word in ("under investigation", "on leave", "charlie"):
        assert word not in part
