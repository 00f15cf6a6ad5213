"""The tree and its people over `/api`: what a manager does inside his subtree, and what he cannot reach."""

import uuid
from collections.abc import Callable

import pytest

from portal.audit.models import Entry
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.models import Department, Membership, Workspace
from portal.departments.services.roles import create_role
from portal.departments.services.tree import create_department
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.requests_of import Caller

As = Callable[[str], Caller]


@pytest.fixture
def as_(company: Company, client_of: ClientOf) -> As:
    return lambda name: Caller(client_of(company, name))


@pytest.fixture
def dispatch(company: Company) -> Department:
    company.departments["Logistics"].refresh_from_db()
    return create_department(company.actor("dana"), "Dispatch", company.departments["Logistics"])


def at(department: Department, rest: str = "") -> str:
    return f"/departments/{department.pk}{rest}"


def role(key: RoleKey) -> str:
    return str(builtin_role(key).pk)


def test_the_tree_is_listed_with_ones_rights(company: Company, as_: As, dispatch: Department) -> None:
    logistics = company.departments["Logistics"]
    listed = as_("erin").get("/departments").body["items"]
    assert [(item["name"], item["parent"]) for item in listed] == [
        ("Logistics", None),
        ("Dispatch", str(logistics.pk)),
    ]
    assert {"department.manage", "membership.manage", "workspace.view"} <= set(listed[1]["rights"])
    everything = as_("dana").get("/departments").body["items"]
    assert len(everything) == 5
    assert "workspace.view" not in everything[0]["rights"]
    assert "membership.manage" in everything[0]["rights"]
    assert as_("frank").get("/departments").body["items"] == []


def test_a_denial_takes_a_right_from_the_list(company: Company, as_: As, dispatch: Department) -> None:
    body = {"kind": "department", "object": dispatch.pk, "subject": {"person": "erin"}, "rights": ["department.manage"]}
    assert as_("dana").post("/denials", body).status == 201
    listed = {item["name"]: item["rights"] for item in as_("erin").get("/departments").body["items"]}
    assert "department.manage" in listed["Logistics"]
    assert "department.manage" not in listed["Dispatch"]


def test_departments_are_made_renamed_and_moved(company: Company, as_: As, dispatch: Department) -> None:
    erin = as_("erin")
    made = erin.post("/departments", {"name": "  Night shift ", "parent": dispatch.pk})
    assert (made.status, made.body["name"], made.body["depth"]) == (201, "Night shift", 4)
    path = f"/departments/{made.body['id']}"
    logistics = company.departments["Logistics"]
    moved = erin.patch(path, {"name": "Nights", "parent": logistics.pk})
    assert (moved.status, moved.body["name"], moved.body["parent"]) == (200, "Nights", str(logistics.pk))
    assert erin.patch(path, {"parent": None}).status == 403
    top = as_("dana").patch(path, {"parent": None})
    assert (top.status, top.body["depth"]) == (200, 1)
    assert erin.get("/departments").body["items"][-1]["name"] == "Dispatch"


@pytest.mark.parametrize(("moved", "under"), [("Logistics", "Logistics"), ("Logistics", "Dispatch")])
def test_no_department_comes_under_itself(
    moved: str, under: str, company: Company, as_: As, dispatch: Department
) -> None:
    places = {**company.departments, "Dispatch": dispatch}
    before = list(Department.objects.order_by("path").values_list("path", "name"))
    answer = as_("dana").patch(at(places[moved]), {"name": "Other", "parent": places[under].pk})
    assert (answer.status, answer.code) == (400, "below_itself")
    assert list(Department.objects.order_by("path").values_list("path", "name")) == before


def test_a_manager_moves_nothing_in_or_out(company: Company, as_: As, dispatch: Department) -> None:
    erin, legal = as_("erin"), company.departments["Legal"]
    assert erin.patch(at(dispatch), {"parent": legal.pk}).status == 404
    assert erin.patch(at(legal), {"parent": dispatch.pk}).status == 404
    assert erin.patch(at(company.departments["Logistics"]), {"parent": dispatch.pk}).status == 403
    assert as_("alice").patch(at(dispatch), {"name": "Mine"}).status == 403


def test_what_a_department_holds_goes_where_one_says(company: Company, as_: As, dispatch: Department) -> None:
    dana, logistics, finance = as_("dana"), company.departments["Logistics"], company.departments["Finance"]
    refused = dana.delete(at(logistics))
    assert (refused.status, refused.code) == (400, "not_empty")
    assert refused.body["error"]["details"] == {"departments": 1, "workspaces": 1, "memberships": 4}
    assert dana.delete(at(logistics, f"?into={dispatch.pk}")).code == "below_itself"
    assert dana.delete(at(logistics, f"?into={uuid.uuid4()}")).status == 404
    assert dana.delete(at(logistics, f"?into={finance.pk}")).status == 204
    assert Workspace.objects.filter(department=finance).count() == 2
    assert dana.get(at(logistics, "/people")).status == 404


def test_people_are_given_roles_and_taken_out(company: Company, as_: As, dispatch: Department) -> None:
    erin = as_("erin")
    given = erin.post(at(dispatch, "/memberships"), {"person": "charlie", "role": role(RoleKey.MANAGER)})
    assert given.status == 201
    assert given.body["person"]["username"] == "charlie"
    again = erin.post(
        at(dispatch, "/memberships"), {"person": given.body["person"]["id"], "role": role(RoleKey.MANAGER)}
    )
    assert again.body["id"] == given.body["id"]
    names = [item["person"]["username"] for item in erin.get(at(dispatch, "/people")).body["items"]]
    assert names == ["charlie"]
    logistics = company.departments["Logistics"]
    below = erin.get(at(logistics, "/people?subtree=true")).body["items"]
    assert {item["person"]["username"] for item in below} == {"alice", "bob", "grace", "erin", "charlie"}
    # By another department's address it is not there.
    assert erin.delete(at(logistics, f"/memberships/{given.body['id']}")).status == 404
    assert erin.delete(at(dispatch, f"/memberships/{given.body['id']}")).status == 204
    assert erin.delete(at(dispatch, f"/memberships/{given.body['id']}")).status == 404


def test_people_come_in_pages(company: Company, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.api.pages.LENGTH", 3)
    logistics = company.departments["Logistics"]
    first = as_("erin").get(at(logistics, "/people")).body
    second = as_("erin").get(at(logistics, f"/people?cursor={first['next']}")).body
    names = [item["person"]["username"] for item in first["items"] + second["items"]]
    assert (sorted(names), second["next"]) == (["alice", "bob", "erin", "grace"], None)
    assert as_("erin").get(at(logistics, "/people?cursor=nonsense")).code == "bad_cursor"


def test_people_move_with_their_roles(company: Company, as_: As, dispatch: Department) -> None:
    erin, logistics = as_("erin"), company.departments["Logistics"]
    assert erin.post(at(logistics, "/moves"), {"person": "alice", "to": dispatch.pk}).status == 204
    held = Membership.objects.filter(person=company.people["alice"]).values_list("department", "role__key")
    assert list(held) == [(dispatch.pk, "member")]
    # No role here, and none to move; into a department that is not one's own; out of one.
    assert erin.post(at(logistics, "/moves"), {"person": "charlie", "to": dispatch.pk}).status == 404
    assert erin.post(at(logistics, "/moves"), {"person": "bob", "to": company.departments["Legal"].pk}).status == 404
    assert erin.post(at(company.departments["Legal"], "/moves"), {"person": "charlie", "to": dispatch.pk}).status == 404


def test_nobody_raises_himself_or_gives_what_he_lacks(company: Company, as_: As, dispatch: Department) -> None:
    dana = company.actor("dana")
    hirer = create_role(dana, "Hirer", ["department.view", "membership.manage"])
    logistics = company.departments["Logistics"]
    dana_calls, bob = as_("dana"), as_("bob")
    assert dana_calls.post(at(logistics, "/memberships"), {"person": "bob", "role": hirer.pk}).status == 201
    more = bob.post(at(logistics, "/memberships"), {"person": "alice", "role": role(RoleKey.MANAGER)})
    assert (more.status, more.code) == (403, "not_held")
    assert "grant.manage" in more.body["error"]["details"]["rights"]
    own = bob.post(at(logistics, "/memberships"), {"person": "bob", "role": role(RoleKey.MANAGER)})
    assert (own.status, own.code) == (403, "own_rights")
    assert dana_calls.post(at(logistics, "/memberships"), {"person": "dana", "role": hirer.pk}).code == "own_rights"
    move = bob.post(at(logistics, "/moves"), {"person": "erin", "to": dispatch.pk})
    assert (move.status, move.code) == (403, "not_held")
    assert bob.post("/roles", {"name": "Mine", "rights": ["grant.manage"]}).status == 403
    invited = bob.post(at(logistics, "/invitations"), {"username": "mallory", "role": role(RoleKey.MANAGER)})
    assert (invited.status, invited.code) == (403, "not_held")


DRY_RUNS: dict[str, Callable[[Company], tuple[str, str, object]]] = {
    "memberships": lambda company: ("post", "/memberships", {"person": "charlie", "role": role(RoleKey.MEMBER)}),
    "moves": lambda company: ("post", "/moves", {"person": "bob", "to": company.departments["Finance"].pk}),
    "departments": lambda company: ("patch", "", {"name": "Other", "parent": company.departments["Finance"].pk}),
    "removals": lambda company: ("delete", f"?into={company.departments['Finance'].pk}", None),
}


@pytest.mark.parametrize("kind", DRY_RUNS)
def test_a_dry_run_says_what_it_would_do_and_does_not(kind: str, company: Company, as_: As) -> None:
    method, rest, body = DRY_RUNS[kind](company)
    path = at(company.departments["Logistics"], f"{rest}{'&' if '?' in rest else '?'}dry_run=true")

    def stored() -> list[object]:
        tables = (Department.objects.order_by("path"), Membership.objects.order_by("pk"), Workspace.objects.all())
        return [list(table.values()) for table in tables] + [Entry.objects.count()]

    caller = as_("dana")
    before = stored()
    answer = caller.delete(path) if method == "delete" else getattr(caller, method)(path, body)
    assert answer.status == 200
    assert stored() == before
    gained = {(item["person"]["username"], item["workspace"]["name"]) for item in answer.body["gains"]}
    lost = {(item["person"]["username"], item["workspace"]["name"]) for item in answer.body["losses"]}
    assert (gained, lost) == {
        "memberships": ({("charlie", "Logistics desk")}, set()),
        "moves": (set(), {("bob", "Logistics desk")}),
        "departments": (set(), set()),
        "removals": (
            {("alice", "Finance desk"), ("erin", "Finance desk")},
            set(),
        ),
    }[kind]
