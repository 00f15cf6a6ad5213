"""Workspaces, roles, grants, denials and explanations over `/api`."""

import uuid
from collections.abc import Callable

import pytest

from portal.chat.models import Conversation
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.models import Department, RoleAction, Workspace, WorkspaceGrant
from portal.departments.services.roles import create_role
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.requests_of import Caller

As = Callable[[str], Caller]


@pytest.fixture
def as_(company: Company, client_of: ClientOf) -> As:
    return lambda name: Caller(client_of(company, name))


@pytest.fixture
def desk(company: Company) -> str:
    return str(company.workspace().pk)


def grant_path(kind: str, object_id: object, subject: object, rest: str = "") -> str:
    return f"/grants?kind={kind}&object={object_id}&subject={subject}{rest}"


def test_workspaces_are_made_changed_and_archived(company: Company, as_: As) -> None:
    erin, logistics = as_("erin"), company.departments["Logistics"]
    made = erin.post("/workspaces", {"department": logistics.pk, "name": "Night desk"})
    assert (made.status, made.body["archived"]) == (201, False)
    path = f"/workspaces/{made.body['id']}"
    assert erin.post("/workspaces", {"department": logistics.pk, "name": "Night desk"}).code == "name_taken"
    changed = erin.patch(path, {"purpose": "By night", "archived": True})
    assert (changed.body["name"], changed.body["purpose"], changed.body["archived"]) == ("Night desk", "By night", True)
    assert as_("alice").get(path).status == 404
    assert erin.get(path).status == 200
    listed = erin.get(f"/departments/{logistics.pk}/workspaces").body["items"]
    assert [item["name"] for item in listed] == ["Logistics desk", "Night desk"]
    assert len(as_("alice").get(f"/departments/{logistics.pk}/workspaces").body["items"]) == 1
    # Into a department that is not the manager's; nothing of the change is kept.
    refused = erin.patch(path, {"name": "Mine", "department": company.departments["Legal"].pk})
    assert (refused.status, Workspace.objects.get(pk=made.body["id"]).name) == (404, "Night desk")


def test_a_platform_administrator_sees_the_frame_only(company: Company, as_: As, desk: str) -> None:
    dana, conversation = as_("dana"), company.conversation()
    assert dana.get(f"/workspaces/{desk}").body["name"] == "Logistics desk"
    assert dana.get("/workspaces").body["items"] == []
    assert dana.get(f"/conversations/{conversation.pk}").status == 404
    assert dana.get(f"/grants?kind=conversation&object={conversation.pk}").status == 404
    moved = dana.patch(f"/workspaces/{desk}", {"department": company.departments["Finance"].pk})
    assert moved.body["department"] == str(company.departments["Finance"].pk)


def test_who_may_open_a_workspace(company: Company, as_: As, desk: str) -> None:
    people = as_("erin").get(f"/workspaces/{desk}/people").body["items"]
    assert {person["username"] for person in people} == {"alice", "bob", "erin"}
    preview = as_("erin").patch(f"/workspaces/{desk}?dry_run=true", {"archived": True})
    assert preview.body["sentences"] == ["3 people lose access to Logistics desk"]
    assert not Workspace.objects.get(pk=desk).archived


def test_roles_are_made_of_rights_by_platform_administrators(company: Company, as_: As) -> None:
    dana = as_("dana")
    known = {right["name"]: right for right in dana.get("/rights").body["items"]}
    assert known["workspace.view"]["kinds"] == ["department", "workspace"]
    assert known["engine.use"]["administrative"] is False
    made = dana.post("/roles", {"name": "Reader", "rights": ["workspace.view", "conversation.view"]})
    path = f"/roles/{made.body['id']}"
    changed = dana.patch(path, {"description": "Reads"})
    assert changed.body["rights"] == ["conversation.view", "workspace.view"]
    assert changed.body["description"] == "Reads"
    assert dana.patch(path, {"rights": ["workspace.view"]}).body["rights"] == ["workspace.view"]
    assert {role["name"]: role["builtin"] for role in as_("erin").get("/roles").body["items"]} == {
        "Manager": True,
        "Member": True,
        "Reader": False,
    }
    builtin = builtin_role(RoleKey.MEMBER)
    assert dana.patch(f"/roles/{builtin.pk}", {"name": "All"}).code == "builtin_role"
    assert dana.delete(f"/roles/{builtin.pk}").status == 409
    assert dana.delete(path).status == 204
    assert dana.delete(path).status == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "member", "rights": ["workspace.view"]}, "name_taken"),
        ({"name": "X", "rights": ["engine.use"]}, "unknown_right"),
        ({"name": "X", "rights": ["*"]}, "unknown_right"),
        ({"name": "X", "rights": []}, "no_rights"),
        ({"name": " ", "rights": ["workspace.view"]}, "empty"),
    ],
)
def test_a_role_that_is_none_is_refused(body: dict[str, object], code: str, company: Company, as_: As) -> None:
    answer = as_("dana").post("/roles", body)
    assert (answer.status, answer.code) == (400, code)


def test_a_role_of_people_shows_what_its_change_would_do(company: Company, as_: As) -> None:
    dana = company.actor("dana")
    reader = create_role(dana, "Reader", ["workspace.view"])
    legal = company.departments["Legal"]
    calls = as_("dana")
    assert calls.post(f"/departments/{legal.pk}/memberships", {"person": "alice", "role": reader.pk}).status == 201
    shown = calls.patch(f"/roles/{reader.pk}?dry_run=true", {"rights": ["department.view"]})
    assert shown.body["sentences"] == ["1 person loses access to Legal desk"]
    assert RoleAction.objects.filter(role=reader).get().action == "workspace.view"
    assert calls.delete(f"/roles/{reader.pk}").code == "role_in_use"


def test_rights_are_given_and_withdrawn(company: Company, as_: As, desk: str) -> None:
    erin, charlie = as_("erin"), as_("charlie")
    body = {"kind": "workspace", "object": desk, "subject": {"person": "charlie"}, "rights": ["workspace.view"]}
    assert erin.post("/grants?dry_run=true", body).body["sentences"] == ["1 person gains access to Logistics desk"]
    assert charlie.get(f"/workspaces/{desk}").status == 404
    given = erin.post("/grants", body)
    assert (given.status, given.body["rights"]) == (201, ["workspace.view"])
    more = erin.post("/grants", {**body, "rights": ["message.ask"]})
    assert more.body["rights"] == ["message.ask", "workspace.view"]
    assert charlie.get(f"/workspaces/{desk}").status == 200
    assert charlie.get(f"/grants?kind=workspace&object={desk}").status == 403
    listed = erin.get(f"/grants?kind=workspace&object={desk}").body["items"]
    assert [item["subject"]["name"] for item in listed] == ["charlie"]
    subject = listed[0]["subject"]["id"]
    assert erin.delete(grant_path("workspace", desk, subject, "&right=message.ask")).status == 204
    assert erin.delete(grant_path("workspace", desk, subject, "&dry_run=true")).body["losses"]
    assert erin.delete(grant_path("workspace", desk, subject)).status == 204
    assert erin.delete(grant_path("workspace", desk, subject)).status == 404
    assert charlie.get(f"/workspaces/{desk}").status == 404
    assert not WorkspaceGrant.objects.exists()


def test_roles_and_departments_are_subjects_too(company: Company, as_: As, desk: str) -> None:
    dana, legal = as_("dana"), company.departments["Legal"]
    reader = create_role(company.actor("dana"), "Reader", ["department.view"])
    body = {"kind": "workspace", "object": desk, "rights": ["workspace.view"]}
    for subject in ({"department": legal.pk}, {"role": reader.pk}, {"person": company.people["alice"].pk}):
        assert dana.post("/grants", {**body, "subject": subject}).status == 201
    listed = dana.get(f"/grants?kind=workspace&object={desk}").body["items"]
    assert [item["subject"]["kind"] for item in listed] == ["person", "role", "department"]
    assert as_("charlie").get(f"/workspaces/{desk}").status == 200
    assert as_("erin").post("/grants", {**body, "subject": {"role": reader.pk}}).code == "role_subject"
    assert as_("erin").post("/grants", {**body, "subject": {"department": legal.pk}}).status == 404


@pytest.mark.parametrize(
    ("subject", "status", "code"),
    [
        ({}, 400, "one_subject"),
        ({"person": "alice", "role": str(uuid.uuid4())}, 400, "one_subject"),
        ({"person": "nobody"}, 404, "not_found"),
        ({"person": "ALICE"}, 404, "not_found"),
        ({"person": "a\0b"}, 404, "not_found"),
        ({"role": str(uuid.uuid4())}, 404, "not_found"),
        ({"department": str(uuid.uuid4())}, 404, "not_found"),
        ({"group": "x"}, 400, "invalid"),
    ],
)
def test_a_subject_is_one_that_there_is(
    subject: dict[str, str], status: int, code: str, company: Company, as_: As, desk: str
) -> None:
    body = {"kind": "workspace", "object": desk, "subject": subject, "rights": ["workspace.view"]}
    answer = as_("dana").post("/grants", body)
    assert (answer.status, answer.code) == (status, code)
    assert not WorkspaceGrant.objects.exists()


@pytest.mark.parametrize("kind", ["department", "file", "", "\0"])
def test_grants_are_on_kinds_that_have_them(kind: str, company: Company, as_: As, desk: str) -> None:
    body = {"kind": kind, "object": desk, "subject": {"person": "alice"}, "rights": ["workspace.view"]}
    assert as_("dana").post("/grants", body).code == "unknown_kind"


def test_denials_win_and_are_lifted(company: Company, as_: As, desk: str) -> None:
    erin, alice = as_("erin"), as_("alice")
    body = {"kind": "workspace", "object": desk, "subject": {"person": "alice"}, "rights": ["workspace.view"]}
    assert erin.post("/denials?dry_run=true", body).body["losses"]
    assert alice.get(f"/workspaces/{desk}").status == 200
    denied = erin.post("/denials", {**body, "reason": "Conflict of interest"})
    assert denied.body["items"][0]["right"] == "workspace.view"
    assert alice.get(f"/workspaces/{desk}").status == 404
    listed = erin.get(f"/denials?kind=workspace&object={desk}").body["items"]
    assert [(item["reason"], item["subject"]["name"]) for item in listed] == [("Conflict of interest", "alice")]
    path = f"/denials/workspace/{listed[0]['id']}"
    assert erin.delete(f"{path}?dry_run=true").body["sentences"] == ["1 person gains access to Logistics desk"]
    assert erin.delete(f"/denials/engine/{listed[0]['id']}").status == 404
    assert erin.delete(f"/denials/nothing/{listed[0]['id']}").status == 404
    assert erin.delete(path).status == 204
    assert alice.get(f"/workspaces/{desk}").status == 200


def test_everything_is_denied_by_administrators_only(company: Company, as_: As) -> None:
    legal = company.departments["Legal"]
    body = {"kind": "department", "object": legal.pk, "subject": {"person": "charlie"}, "every": True}
    denied = as_("dana").post("/denials", body)
    assert [item["right"] for item in denied.body["items"]] == [None]
    assert as_("charlie").get("/departments").body["items"] == []
    assert as_("dana").post("/denials", {**body, "rights": ["workspace.view"]}).code == "every_and_some"
    assert as_("dana").post("/denials", {**body, "every": False}).code == "no_rights"
    assert as_("dana").post("/denials", {**body, "every": False, "rights": [""]}).code == "no_rights"
    mine = {**body, "object": company.departments["Logistics"].pk, "subject": {"person": "bob"}}
    assert as_("erin").post("/denials", mine).code == "administration_denied"


def test_owners_share_their_conversations(company: Company, as_: As) -> None:
    conversation: Conversation = company.conversation("alice")
    alice, bob = as_("alice"), as_("bob")
    body = {"kind": "conversation", "object": conversation.pk, "subject": {"person": "bob"}}
    assert alice.post("/grants", {**body, "rights": ["conversation.view"]}).status == 201
    assert bob.get(f"/conversations/{conversation.pk}").status == 200
    assert bob.get(f"/grants?kind=conversation&object={conversation.pk}").code == "not_the_owner"
    assert as_("erin").get(f"/grants?kind=conversation&object={conversation.pk}").status == 404
    subject = company.people["bob"].pk
    assert alice.delete(grant_path("conversation", conversation.pk, subject)).status == 204
    assert bob.get(f"/conversations/{conversation.pk}").status == 404


def test_a_decision_is_explained(company: Company, as_: As, desk: str) -> None:
    where = f"kind=workspace&object={desk}&right=workspace.view"
    held = as_("erin").get(f"/rights/explanation?{where}&person=alice").body
    assert held["allowed"] is True
    assert [(ground["how"], ground["effect"], ground["place"]["name"]) for ground in held["grounds"]] == [
        ("role", "gives", "Logistics")
    ]
    assert as_("dana").get(f"/rights/explanation?{where}&person=charlie").body["allowed"] is False
    assert as_("dana").get(f"/rights/explanation?{where}&person=nobody").status == 404
    assert as_("charlie").get(f"/rights/explanation?{where}&person=alice").status == 404
    assert as_("alice").get(f"/rights/explanation?{where}&person=alice").status == 403
    assert as_("dana").get(f"/rights/explanation?{where.replace('view', 'none')}&person=alice").code == "unknown_right"


def test_a_decision_about_a_conversation_is_explained_without_its_title(company: Company, as_: As) -> None:
    conversation = company.asked("alice", "The secret of container 7").conversation
    query = f"kind=conversation&object={conversation.pk}&right=conversation.view&person=bob"
    answer = as_("dana").get(f"/rights/explanation?{query}")
    assert answer.body["allowed"] is False
    assert "secret" not in str(answer.body)
    assert Department.objects.count() == 4
