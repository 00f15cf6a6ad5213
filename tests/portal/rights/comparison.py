"""Asking the portal everything, by every way, and comparing it with the reference evaluator."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import Group
from django.db.models import Exists
from django.test import Client

from portal.accounts.models import User
from portal.audit.scene import Scene, opened
from portal.chat import selectors as chat
from portal.chat.access import conversation_for_view
from portal.chat.models import Conversation
from portal.chat.services.ask import _for_update
from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound, Sealed
from portal.departments import access, selectors
from portal.departments.explain import explain
from portal.departments.models import KINDS, Department, DepartmentDenial, Membership, Whom, Workspace
from portal.departments.preview import who_may
from portal.engines.models import Engine
from portal.engines.selectors import engine_for, engines
from portal.runs.access import run_for_cancel, run_for_view, runs_still_visible
from portal.runs.models import Run
from tests.portal.rights.reference import ADMINISTRATIVE, CONVERSATION, DEPARTMENT, ENGINE, RIGHTS_OF, RUN, WORKSPACE
from tests.portal.rights.town import SYSTEM, Town, row

ASKED: dict[str, Any] = {
    DEPARTMENT: Department.visible,
    WORKSPACE: Workspace.objects,
    CONVERSATION: Conversation.objects,
    RUN: Run.objects,
    ENGINE: Engine.objects,
}


def agree(what: str, asked: Iterable[UUID], expected: Iterable[UUID]) -> None:
    asked = list(asked)
    found, wanted = set(asked), set(expected)
    assert len(asked) == len(found), f"{what}: something comes twice"
    assert found == wanted, f"{what}: leaked {sorted(found - wanted)}, missing {sorted(wanted - found)}"


def compare_querysets(town: Town, person: UUID) -> None:
    """One query for each kind and right."""
    actor, world = town.actor(person), town.world
    for kind, rights in RIGHTS_OF.items():
        for right in sorted(rights):
            asked = ASKED[kind].allowed(actor, right).values_list("pk", flat=True)
            agree(f"{right} on {kind}", asked, world.all_allowed(person, right, kind))
        agree(
            f"visible {kind}", ASKED[kind].visible_to(actor).values_list("pk", flat=True), world.visible(person, kind)
        )


def compare_people_named_by_a_column(town: Town) -> None:
    """The same conditions asked about everybody at once, as previews and the worker that stops runs do."""
    world = town.world
    for workspace in world.workspaces:
        room = Workspace.objects.get(pk=workspace)
        for right in ("workspace.view", "message.ask", "grant.manage"):
            shut = workspace in world.archived and right not in ADMINISTRATIVE
            people = {
                person
                for person, active in world.active.items()
                if active and not shut and world.holds(person, right, WORKSPACE, workspace)
            }
            agree(f"people with {right}", [person.pk for person in who_may(right, room)], people)
    for department in world.parents:
        place = Department.visible.filter(pk=department)
        for right in ("workspace.view", "membership.manage"):
            here = place.allowed_to(Whom(column="pk", depth=1), right)
            found = User.objects.filter(Exists(here)).values_list("pk", flat=True)
            people = {person for person in world.active if world.holds(person, right, DEPARTMENT, department)}
            agree(f"people with {right} at a department", found, people)
    for kind in (CONVERSATION, RUN):
        for right in RIGHTS_OF[kind]:
            asked = ASKED[kind].allowed_to(Whom(column="owner_id"), right).values_list("pk", flat=True)
            owners = {thing: world.owners[world.runs.get(thing, thing)] for thing in world.things(kind)}
            # Suspension is the door's affair.
            expected = {
                thing
                for thing, owner in owners.items()
                if world.allowed(owner, right, kind, thing)
                or (not world.active[owner] and _if_active(town, owner, right, kind, thing))
            }
            agree(f"{right} of owners on {kind}", asked, expected)


def _if_active(town: Town, person: UUID, right: str, kind: str, thing: UUID) -> bool:
    town.world.active[person] = True
    found = town.world.allowed(person, right, kind, thing)
    town.world.active[person] = False
    return found


def decided_by(scene: Scene, actor: Actor, right: str, kind: str, thing: UUID) -> tuple[str, str | None]:
    """What the door said of its reason, and the explanation's winning link. A run is opened by its conversation."""
    target = row((kind, thing))
    if kind == RUN:
        target = target.message.conversation
    return scene.reason, explain(SYSTEM, User.objects.get(pk=actor.person_id), right, target).reason


def opened_by(
    door: Callable[[Actor, UUID], Any], actor: Actor, right: str, kind: str, things: Iterable[UUID]
) -> dict[str, set[UUID]]:
    """What the door does with each thing; what it opens it opens for the reason that the explanation names."""
    found: dict[str, set[UUID]] = {"opened": set(), "refused": set(), "missing": set()}
    for thing in things:
        try:
            with opened(Scene()) as scene:
                assert door(actor, thing).pk == thing
            said, winning = decided_by(scene, actor, right, kind, thing)
            assert said == winning, f"{kind} {thing}: the door says {said}, the explanation {winning}"
            found["opened"].add(thing)
        except Sealed:
            # Whoever administers it is told that there is something, and sees no more of it than anybody.
            assert actor.is_platform_administrator
            found["missing"].add(thing)
        except Forbidden:
            found["refused"].add(thing)
        except NotFound:
            found["missing"].add(thing)
    return found


def compare_doors(town: Town, person: UUID) -> None:
    """Each object at each door: opened, refused as visible only, or missing."""
    actor, world = town.actor(person), town.world
    doors: list[tuple[str, Callable[[Actor, UUID], Any], str, str, set[str]]] = [
        ("view a workspace", access.workspace_for_view, WORKSPACE, "workspace.view", set()),
        (
            "start in a workspace",
            lambda actor, pk: access.workspace_for_conversation(actor, pk, asking=False),
            WORKSPACE,
            "conversation.create",
            {"conversation.create"},
        ),
        (
            "ask in a workspace",
            lambda actor, pk: access.workspace_for_conversation(actor, pk, asking=True),
            WORKSPACE,
            "conversation.create",
            {"conversation.create", "message.ask"},
        ),
        ("view a conversation", conversation_for_view, CONVERSATION, "conversation.view", set()),
        ("view a run", run_for_view, RUN, "conversation.view", set()),
        ("stop a run", run_for_cancel, RUN, "message.ask", {"message.ask"}),
    ]
    for name, door, kind, right, needed in doors:
        things = [*world.things(kind), uuid4()]
        seen = world.visible(person, kind)
        opened = {thing for thing in seen if all(world.allowed(person, right, kind, thing) for right in needed)}
        found = opened_by(door, actor, right, kind, things)
        agree(f"{name}: opened", found["opened"], opened)
        agree(f"{name}: refused", found["refused"], seen - opened)
        agree(f"{name}: missing", found["missing"], set(things) - seen)
    askable = world.visible(person, CONVERSATION) & world.all_allowed(person, "message.ask", CONVERSATION)
    found_askable = [pk for pk in world.conversations if _for_update.get(actor, pk) is not None]
    agree("ask in a conversation", found_askable, askable)


def compare_selectors(town: Town, person: UUID) -> None:
    actor, world = town.actor(person), town.world
    runs = runs_still_visible(actor, {*world.runs, uuid4()})
    agree("followed runs", runs, world.visible(person, RUN))
    agree("departments", [item.pk for item in selectors.departments(actor)], world.visible(person, DEPARTMENT))
    agree("workspaces", [item.pk for item in selectors.workspaces(actor)], world.visible(person, WORKSPACE))
    agree("engines", [item.pk for item in engines(actor)], world.visible(person, ENGINE))
    for workspace in world.workspaces:
        agree(
            "conversations",
            [item.pk for item in chat.conversations(actor, workspace)],
            {pk for pk in world.visible(person, CONVERSATION) if world.conversations[pk] == workspace},
        )
    usable = world.visible(person, ENGINE)
    if actor.is_person:
        try:
            assert engine_for(actor).pk in usable
        except Forbidden:
            assert not usable


def compare_faces(town: Town, person: UUID) -> None:
    """`/api`, the pages and the parts of pages, as a browser asks for them."""
    world, client = town.world, Client()
    client.force_login(User.objects.get(pk=person))
    workspaces, shown = world.visible(person, WORKSPACE), world.visible(person, CONVERSATION)
    for path, kind in (("departments", DEPARTMENT), ("workspaces", WORKSPACE), ("engines", ENGINE)):
        agree(f"/api/{path}", listed(client, f"/api/{path}"), world.visible(person, kind))
    for workspace in world.workspaces:
        inside = {pk for pk in shown if world.conversations[pk] == workspace}
        agree("/api/conversations", listed(client, f"/api/conversations?workspace={workspace}"), inside)
        page, part = (
            client.get(address) for address in (f"/w/{workspace}/", f"/w/{workspace}/conversations/")
        )  # fmt: skip
        assert (page.status_code == 200) == (part.status_code == 200) == (workspace in workspaces)
        if workspace in workspaces:
            agree("side list of /w/", linked(page, "c"), inside)
            own = {pk for pk in inside if world.owners[pk] == person}
            agree("the rest of the side list", linked(part, "c"), own)
            others = client.get(f"/w/{workspace}/conversations/?shared")
            agree("the rest of what others share", linked(others, "c"), inside - own)
            agree("workspaces of /w/", set(linked(page, "w")), workspaces)
    for address, kind in (("/api/conversations/{}", CONVERSATION), ("/api/runs/{}", RUN), ("/c/{}/", CONVERSATION)):
        opened = [pk for pk in world.things(kind) if client.get(address.format(pk)).status_code == 200]
        agree(address, opened, world.visible(person, kind))
    home = client.get("/")
    agree("workspaces of /", set(linked(home, "w")), workspaces)


def listed(client: Client, path: str) -> list[UUID]:
    """All pages of a list; of somebody who is not let in, nothing."""
    found: list[UUID] = []
    cursor = ""
    while True:
        joined = "&" if "?" in path else "?"
        answer = client.get(f"{path}{joined}cursor={cursor}" if cursor else path)
        if answer.status_code == 401:
            return []
        assert answer.status_code == 200, answer.content
        found += [UUID(item["id"]) for item in answer.json()["items"]]
        cursor = answer.json()["next"]
        if not cursor:
            return found


def linked(answer: Any, what: str) -> list[UUID]:  # noqa: ANN401
    found = re.findall(rf'href="/{what}/([0-9a-f-]{{36}})/"', answer.content.decode())
    return [UUID(pk) for pk in dict.fromkeys(found)]


def nothing_left_behind() -> None:
    """The tree is whole, and every grant, denial and group belongs to something that is there."""
    tree: Any = Department.objects
    assert tree.find_problems() == ([], [], [], [], [])
    assert not Group.objects.filter(role=None, department=None).exists(), "a group of nothing"
    for kind in KINDS.values():
        tables: list[Any] = [kind.person_grants, kind.subject_grants, kind.denials]
        objects = kind.model._default_manager.all()
        assert not any(table.objects.exclude(content_object__in=objects).exists() for table in tables)
        assert not kind.subject_grants.objects.filter(group__role=None, group__department=None).exists()


def same_rows(town: Town) -> None:
    """The reference's grants, denials and roles of people are the database's: nothing more, nothing less."""
    world = town.world
    assert set(Membership.objects.values_list("person_id", "department_id", "role_id")) == world.memberships
    stored = DepartmentDenial.objects.count() + sum(
        kind.denials._default_manager.count() for kind in KINDS.values()
    )  # fmt: skip
    assert stored == len(world.denials)
    given = sum(
        kind.person_grants.objects.count() + kind.subject_grants.objects.count() for kind in KINDS.values()
    )  # fmt: skip
    assert given == len(world.grants)
    for department, parent in world.parents.items():
        tree: Any = Department.objects
        above = tree.get_parent(row((DEPARTMENT, department)))
        assert (above.pk if above else None) == parent
