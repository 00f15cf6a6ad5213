"""What the company's pages change: first what it would do is shown, then it is saved; nothing typed is lost."""

import re
from typing import Any, Protocol

import orjson
import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.denials import deny
from portal.departments.models import Department, Membership, Role, Workspace, WorkspaceDenial
from portal.departments.services.roles import create_role
from portal.engines.models import Engine
from tests.conftest import ClientOf
from tests.people import Company

SAVE = {"step": "save"}


@pytest.fixture
def erin(company: Company, client_of: ClientOf) -> Client:
    """The client of the manager of Logistics."""
    return client_of(company, "erin")


def acts(action: str, name: str = "dana") -> list[dict[str, Any]]:
    entries = Entry.objects.filter(action=action, actor_name=name, outcome="allowed").order_by("at")
    found = [orjson.loads(entry.body)["details"] for entry in entries]
    return [details for details in found if details]


def of(company: Company, department: str = "Logistics") -> str:
    return f"/console/departments/{company.departments[department].pk}/"


class Answered(Protocol):
    content: bytes


def text_of(answer: Answered) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def tries(answer: Answered) -> bool:
    """Whether a page says that it is still finding out, and cannot save before it knows."""
    text = text_of(answer)
    return 'aria-busy="true"' in text and re.search(r'<button[^>]*value="save"[^>]* disabled', text) is not None


def node(company: Company, name: str) -> Department:
    found: Department = Department.objects.get(pk=company.departments[name].pk)
    return found


def test_moving_a_department_shows_who_loses_what_and_then_saves(company: Company, dana: Client) -> None:
    url = f"{of(company, 'Legal')}move/"
    target = {"to": str(company.departments["Logistics"].pk)}
    assert tries(dana.get(url, target))
    shown = dana.post(url, target)
    assert "3 people gain access to Legal desk" in text_of(shown)
    assert "erin (erin)" in text_of(shown)
    assert node(company, "Legal").depth == 2
    answer = dana.post(url, {"to": company.departments["Logistics"].pk, **SAVE})
    assert answer["Location"] == "/console/departments/"
    assert node(company, "Legal").path.startswith(node(company, "Logistics").path)
    assert [act["change"] for act in acts("department.manage")] == ["moved"]


def test_a_preview_saves_nothing(company: Company, dana: Client) -> None:
    for step in ({}, {"step": "edit"}):
        answer = dana.post(f"{of(company, 'Legal')}move/", {"to": company.departments["Logistics"].pk, **step})
        assert answer.status_code == 200
    assert node(company, "Legal").depth == 2
    assert acts("department.manage") == []


def test_a_department_goes_neither_below_itself_nor_nowhere(company: Company, dana: Client) -> None:
    root = Department.objects.get(name="Company")
    for place in (company.departments["Legal"].pk, root.pk, "", "nonsense"):
        answer = dana.post(f"/console/departments/{root.pk}/move/", {"to": place, **SAVE})
        assert answer.status_code == 400
    assert Department.objects.get(name="Company").depth == 1


def test_a_manager_moves_what_is_below_and_not_the_own_department(company: Company, erin: Client) -> None:
    assert erin.post("/console/departments/new/", {"name": "Customs", "parent": node(company, "Logistics").pk})
    assert erin.post("/console/departments/new/", {"name": "Road", "parent": node(company, "Logistics").pk})
    customs, road = (Department.objects.get(name=name) for name in ("Customs", "Road"))
    answer = erin.post(f"/console/departments/{customs.pk}/move/", {"to": road.pk, **SAVE})
    assert answer.status_code == 302
    assert Department.objects.get(name="Customs").depth == 4
    answer = erin.post(f"{of(company)}move/", {"to": road.pk, **SAVE})
    assert answer.status_code == 400
    assert erin.post(f"{of(company)}move/", {"to": "top", **SAVE}).status_code == 400
    assert node(company, "Logistics").depth == 2


def test_removing_a_department_asks_where_its_content_goes(company: Company, dana: Client) -> None:
    url = f"{of(company, 'Legal')}remove/"
    assert "It holds 1 workspace, 1 role of a person; say where that goes." in text_of(dana.get(url))
    assert dana.post(url, SAVE).status_code == 400
    shown = dana.post(url, {"into": company.departments["Finance"].pk})
    assert "1 person gains access to Legal desk" in text_of(shown)
    assert dana.post(url, {"into": company.departments["Finance"].pk, **SAVE}).status_code == 302
    assert not Department.objects.filter(name="Legal").exists()
    assert Workspace.objects.get(name="Legal desk").department.name == "Finance"


def test_renaming_and_adding(company: Company, dana: Client) -> None:
    assert dana.post(f"{of(company, 'Legal')}rename/", {"name": "Law"}).status_code == 302
    assert node(company, "Legal").name == "Law"
    answer = dana.post("/console/departments/new/", {"name": "  ", "parent": "top"})
    assert answer.status_code == 400
    assert dana.post("/console/departments/new/", {"name": "Second company", "parent": "top"}).status_code == 302
    assert Department.objects.get(name="Second company").depth == 1


def test_giving_and_taking_a_role(company: Company, erin: Client) -> None:
    charlie, role = company.people["charlie"], builtin_role(RoleKey.MEMBER)
    url = f"{of(company)}give/"
    assert "1 person gains access to Logistics desk" in text_of(erin.post(url, {"person": "charlie", "role": role.pk}))
    assert not Membership.objects.filter(person=charlie, department__name="Logistics").exists()
    assert erin.post(url, {"person": "charlie", "role": role.pk, **SAVE}).status_code == 302
    membership = Membership.objects.get(person=charlie, department__name="Logistics")
    url = f"{of(company)}roles/{membership.pk}/take/"
    assert "1 person loses access to Logistics desk" in text_of(erin.post(url))
    assert erin.post(url, SAVE).status_code == 302
    assert [act["change"] for act in acts("membership.manage", "erin")] == ["role given", "role taken"]


@pytest.mark.parametrize(
    ("person", "said"),
    [("nobody", "There is no such person."), ("a", "Several people are called so:"), ("erin", "own rights")],
)
def test_a_refused_role_keeps_what_was_typed(company: Company, erin: Client, person: str, said: str) -> None:
    role = builtin_role(RoleKey.MEMBER).pk
    answer = erin.post(f"{of(company)}give/", {"person": person, "role": role, **SAVE})
    assert answer.status_code in (400, 403)
    assert said in text_of(answer)
    assert f'value="{person}"' in text_of(answer)
    assert f'<option value="{role}" selected>' in text_of(answer)


def test_a_manager_is_offered_no_role_beyond_the_own_rights(company: Company, erin: Client, dana: Client) -> None:
    role = create_role(company.actor("dana"), "Everything", ["department.view", "workspace.view", "usage.view"])
    assert "Everything" in text_of(erin.get(f"{of(company)}give/"))
    Membership.objects.filter(person=company.people["erin"]).update(
        role=create_role(company.actor("dana"), "Personnel", ["department.view", "membership.manage"])
    )
    assert "Everything" not in text_of(erin.get(f"{of(company)}give/"))
    answer = erin.post(f"{of(company)}give/", {"person": "charlie", "role": role.pk, **SAVE})
    assert answer.status_code == 400
    assert not Membership.objects.filter(role=role).exists()


def test_moving_a_person_and_taking_one_out(company: Company, dana: Client) -> None:
    alice = company.people["alice"]
    url = f"{of(company)}people/{alice.pk}/move/"
    assert "loses access to Logistics desk" in text_of(dana.post(url, {"to": company.departments["Legal"].pk}))
    assert dana.post(url, {"to": company.departments["Legal"].pk, **SAVE}).status_code == 302
    assert [one.department.name for one in alice.memberships.all()] == ["Legal"]
    assert dana.post(f"{of(company, 'Legal')}people/{alice.pk}/take-out/", SAVE).status_code == 302
    assert not alice.memberships.exists()


def test_who_takes_himself_out_is_warned_and_led_to_a_page_that_he_sees(company: Company, erin: Client) -> None:
    url = f"{of(company)}people/{company.people['erin'].pk}/take-out/"
    assert "This is about you" in text_of(erin.get(url))
    answer = erin.post(url, SAVE)
    assert answer["Location"] == "/"
    assert erin.get(answer["Location"], follow=True).status_code == 200


def test_a_workspace_shows_the_roles_and_denials_above_it(company: Company, dana: Client) -> None:
    root = Department.objects.get(name="Company")
    deny(company.actor("dana"), company.people["bob"], root, ["workspace.view"], "On leave until May")
    shown = text_of(dana.get(f"/console/rights/workspace/{company.workspace().pk}/"))
    assert "Manager at Logistics" in shown
    assert "On leave until May" in shown


def test_an_invitation_is_shown_once_and_works(company: Company, erin: Client, client: Client) -> None:
    person = {"username": "henry", "first_name": "Henry", "last_name": "Osei", "email": ""}
    url = f"{of(company)}invite/"
    assert erin.post(url, {**person, "role": ""}).status_code == 400
    answer = erin.post(url, {**person, "role": builtin_role(RoleKey.MEMBER).pk})
    found = re.search(r'value="http://testserver(/invitation/[^"]+)"', text_of(answer))
    assert found is not None
    assert client.get(found[1], follow=True).status_code == 200
    henry = User.objects.get(username="henry")
    assert not henry.has_usable_password()
    assert [one.department.name for one in henry.memberships.all()] == ["Logistics"]
    for page in (f"/console/people/{henry.pk}/", of(company)):
        assert "/invitation/" not in text_of(erin.get(page)).replace(f"/people/{henry.pk}/invitation/", "")
    again = erin.post(f"/console/people/{henry.pk}/invitation/")
    assert "/invitation/" in text_of(again)
    assert client.get(found[1], follow=True).status_code == 404
    answer = erin.post(url, {**person, "role": builtin_role(RoleKey.MEMBER).pk})
    assert answer.status_code == 400
    assert 'value="Osei"' in text_of(answer)


def test_administrators_invite_without_a_department(company: Company, dana: Client, erin: Client) -> None:
    person = {"username": "henry", "first_name": "", "last_name": "", "email": "", "department": "", "role": ""}
    assert erin.post("/console/people/invite/", person).status_code == 400
    half = person | {"role": builtin_role(RoleKey.MEMBER).pk}
    assert "choose both, or neither" in text_of(dana.post("/console/people/invite/", half))
    assert not User.objects.filter(username="henry").exists()
    assert "/invitation/" in text_of(dana.post("/console/people/invite/", person))
    assert dana.get("/console/accounts/user/add/")["Location"] == "/console/people/invite/"


def test_a_platform_role_is_changed_after_a_question(company: Company, dana: Client) -> None:
    url = f"/console/people/{company.people['alice'].pk}/platform-role/"
    assert dana.post(url, {"platform_role": "auditor"}).status_code == 200
    assert User.objects.get(username="alice").platform_role == ""
    assert dana.post(url, {"platform_role": "auditor", **SAVE}).status_code == 302
    assert User.objects.get(username="alice").platform_role == "auditor"
    own = f"/console/people/{company.people['dana'].pk}/platform-role/"
    assert dana.post(own, {"platform_role": "", **SAVE}).status_code == 403
    assert User.objects.get(username="dana").platform_role == "administrator"


def test_workspaces_from_beginning_to_archive(company: Company, erin: Client) -> None:
    answer = erin.post(f"{of(company)}workspaces/new/", {"name": "Routes", "purpose": ""})
    made = Workspace.objects.get(name="Routes")
    assert answer["Location"] == f"/console/workspaces/{made.pk}/"
    answer = erin.post(f"{of(company)}workspaces/new/", {"name": "Routes", "purpose": "Twice"})
    assert "already has a workspace of this name" in text_of(answer)
    assert "Twice" in text_of(answer)
    assert erin.post(f"{answer.wsgi_request.path}", {"name": "", "purpose": ""}).status_code == 400
    page = f"/console/workspaces/{made.pk}/"
    assert erin.post(f"{page}change/", {"name": "Roads", "purpose": "Which way"}).status_code == 302
    assert "3 people lose access to Roads" in text_of(erin.post(f"{page}archive/"))
    assert erin.post(f"{page}archive/", SAVE).status_code == 302
    assert Workspace.objects.get(pk=made.pk).archived
    assert erin.post(f"{page}archive/", SAVE).status_code == 302
    assert not Workspace.objects.get(pk=made.pk).archived
    outside = company.departments["Legal"].pk
    assert erin.post(f"{page}move/", {"to": outside, **SAVE}).status_code == 400


def test_roles_are_made_changed_with_a_preview_and_removed(company: Company, dana: Client) -> None:
    data = {"name": "Observer", "description": "", "rights": ["department.view", "workspace.view"]}
    assert dana.post("/console/roles/new/", data | {"rights": []}).status_code == 400
    assert dana.post("/console/roles/new/", data).status_code == 302
    role = Role.objects.get(name="Observer")
    Membership.objects.create(person=company.people["charlie"], department=company.departments["Finance"], role=role)
    url = f"/console/roles/{role.pk}/"
    less = data | {"rights": ["department.view"]}
    shown = dana.post(url, less)
    assert "1 person loses access to Finance desk" in text_of(shown)
    assert 'name="rights" value="department.view"' in text_of(shown)
    assert dana.post(url, {**less, **SAVE}).status_code == 302
    assert [one.action for one in role.actions.all()] == ["department.view"]
    assert "1 person holds this role." in text_of(dana.post(f"{url}remove/"))
    role.memberships.all().delete()
    assert dana.post(f"{url}remove/", SAVE).status_code == 302
    assert not Role.objects.filter(name="Observer").exists()
    assert "cannot be changed" in text_of(dana.get(f"/console/roles/{builtin_role(RoleKey.MEMBER).pk}/"))


def test_rights_on_a_workspace_are_given_and_withdrawn(company: Company, erin: Client) -> None:
    desk, charlie = company.workspace(), company.people["charlie"]
    url = f"/console/rights/workspace/{desk.pk}/"
    data = {"person": "charlie", "department": "", "rights": ["workspace.view"]}
    assert "1 person gains access to Logistics desk" in text_of(erin.post(f"{url}give/", data))
    assert erin.post(f"{url}give/", {**data, **SAVE}).status_code == 302
    assert desk in Workspace.objects.visible_to(company.actor("charlie"))
    both = data | {"department": company.departments["Logistics"].pk}
    assert "Name one: a person, a department or a role." in text_of(erin.post(f"{url}give/", both))
    away = f"{url}withdraw/{charlie.pk}/"
    assert "1 person loses access" in text_of(erin.post(away, {"rights": ["workspace.view"]}))
    assert erin.post(away, {"rights": ["workspace.view"], **SAVE}).status_code == 302
    assert desk not in Workspace.objects.visible_to(company.actor("charlie"))


def test_denials_are_set_with_a_reason_and_lifted(company: Company, erin: Client) -> None:
    desk = company.workspace()
    url = f"/console/rights/workspace/{desk.pk}/"
    data = {"person": "alice", "department": "", "right": "workspace.view", "reason": ""}
    assert erin.post(f"{url}deny/", {**data, **SAVE}).status_code == 400
    data["reason"] = "inquiry"
    assert "1 person loses access to Logistics desk" in text_of(erin.post(f"{url}deny/", data))
    assert erin.post(f"{url}deny/", {**data, **SAVE}).status_code == 302
    denial = WorkspaceDenial.objects.get()
    assert denial.reason == "inquiry"
    assert erin.post(f"{url}lift/{denial.pk}/", SAVE).status_code == 302
    assert not WorkspaceDenial.objects.exists()
    every = data | {"right": "every"}
    assert erin.post(f"{url}deny/", {**every, **SAVE}).status_code == 400


def test_a_denial_at_a_department(company: Company, dana: Client) -> None:
    url = f"/console/rights/department/{company.departments['Logistics'].pk}/"
    data = {"person": "", "department": company.departments["Finance"].pk, "role": "", "right": "every", "reason": "x"}
    assert "1 person loses access to Logistics desk" in text_of(dana.post(f"{url}deny/", data))
    assert dana.post(f"{url}deny/", {**data, **SAVE}).status_code == 302
    assert "Finance: Everything" in text_of(dana.get(of(company)))
    assert dana.get(f"{url}give/").status_code == 404


def test_an_engine_is_reserved_and_opened_by_a_grant(company: Company, dana: Client) -> None:
    page, url = f"/console/engines/{company.engine.pk}/reserved/", f"/console/rights/engine/{company.engine.pk}/"
    assert "lose access to scripted" in text_of(dana.post(page))
    assert dana.post(page, SAVE).status_code == 302
    assert Engine.objects.get().reserved
    data = {"person": "alice", "department": "", "role": "", "rights": ["engine.use"]}
    assert "1 person gains access to scripted" in text_of(dana.post(f"{url}give/", data))
    assert dana.post(f"{url}give/", {**data, **SAVE}).status_code == 302
    assert company.engine in Engine.objects.visible_to(company.actor("alice"))
    assert company.engine not in Engine.objects.visible_to(company.actor("bob"))
    assert dana.post(page, SAVE).status_code == 302
    assert [act["change"] for act in acts("engine.manage")] == ["reserved", "opened to everybody"]
