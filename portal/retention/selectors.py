"""Reading rules, holds and what a sweep would delete, as someone."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from portal.core.actor import Actor
from portal.departments.models import Department, Workspace
from portal.retention.access import Ruled, may_see_holds, seen_places
from portal.retention.choices import DataKind
from portal.retention.keepers import GOES, HELD, UNFINISHED, Selection, Tally, keeper_of
from portal.retention.models import Hold, Rule
from portal.retention.rulebook import InForce, RuleBook


@dataclass(frozen=True, slots=True)
class Place:
    """A department, or a workspace of one, with the rule that holds there and what that would delete now."""

    department: Department
    workspace: Workspace | None
    in_force: InForce
    own: Rule | None
    goes: Tally | None = None
    held: int = 0
    unfinished: int = 0

    @property
    def name(self) -> str:
        return self.workspace.name if self.workspace else str(self.department.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sweep would delete at this moment: the places with a rule, and all of it together."""

    kind: str
    places: Sequence[Place]
    goes: Tally | None
    held: int
    unfinished: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go at the next sweep under a changed rule, in the places where the change counts."""

    items: int
    people: int
    workspaces: int
    newest: datetime.datetime | None
    held: int
    items_now: int


def rules(actor: Actor) -> QuerySet[Rule]:
    """Those of places whose retention the actor manages; administrators and auditors see all."""
    found = Rule.objects.select_related("department", "workspace__department").order_by("department__path")
    seen = seen_places(actor)
    if seen.everything:
        return found
    return found.filter(Q(department__in=seen.departments) | Q(workspace__in=seen.workspaces))


def holds(actor: Actor) -> QuerySet[Hold]:
    if not may_see_holds(actor):
        return Hold.objects.none()
    return Hold.objects.select_related("department", "workspace", "person", "placed_by", "released_by")


def held_people() -> list[uuid.UUID]:
    """For keepers."""
    return list(Hold.objects.filter(released_at=None, person__isnull=False).values_list("person_id", flat=True))


def places(actor: Actor, kind: str = DataKind.CONVERSATIONS) -> list[Place]:
    """Every department and workspace whose rules the actor may see, in the order of the tree."""
    return _places(seen_places(actor), RuleBook.read(kind), [])


def plan(actor: Actor, kind: str = DataKind.CONVERSATIONS) -> Plan:
    """The dry run: deletes nothing, and counts by the query that the sweep asks."""
    book = RuleBook.read(kind)
    seen = seen_places(actor)
    days = {workspace: count for workspace, count in book.days().items() if seen.has(None, workspace)}
    tallies = keeper_of(kind).tally(Selection(days)) if days else []
    total = {tally.fate: tally for tally in tallies if tally.workspace is None}
    shown = [
        place
        for place in _places(seen, book, tallies)
        if place.workspace and (place.goes or place.held or place.unfinished)
    ]
    return Plan(kind, shown, total.get(GOES), _items(total.get(HELD)), _items(total.get(UNFINISHED)))


def preview(rule: Rule, *, removed: bool = False) -> Preview:
    """What the rule's being saved (or ``removed``) would delete, in the workspaces where it counts."""
    before = RuleBook.read(rule.kind)
    after = before.without(rule) if removed else before.having(rule)
    then, now = after.days(), before.days()
    changed = [workspace for workspace in after.workspaces if then.get(workspace) != now.get(workspace)]
    selected = {workspace: then[workspace] for workspace in changed if workspace in then}
    total = _totals(rule.kind, selected)
    current = _totals(rule.kind, {workspace: now[workspace] for workspace in changed if workspace in now})
    goes = total.get(GOES)
    return Preview(
        items=_items(goes),
        people=goes.people if goes else 0,
        workspaces=len(changed),
        newest=goes.newest if goes else None,
        held=_items(total.get(HELD)),
        items_now=_items(current.get(GOES)),
    )


def _totals(kind: str, days: dict[uuid.UUID, int]) -> dict[str, Tally]:
    found = keeper_of(kind).tally(Selection(days)) if days else []
    return {tally.fate: tally for tally in found if tally.workspace is None}


def _items(tally: Tally | None) -> int:
    return tally.items if tally else 0


def _places(seen: Ruled, book: RuleBook, tallies: Iterable[Tally]) -> list[Place]:
    counted = {(tally.workspace, tally.fate): tally for tally in tallies}
    below: dict[uuid.UUID, list[Workspace]] = {}
    for workspace in book.workspaces.values():
        below.setdefault(workspace.department_id, []).append(workspace)
    found: list[Place] = []
    for department in book.departments.values():
        if seen.has(department.pk):
            in_force = book.for_department(department.pk)
            own = in_force.rule if in_force.rule and in_force.rule.department_id == department.pk else None
            found.append(Place(department, None, in_force, own))
        for workspace in below.get(department.pk, []):
            if not seen.has(None, workspace.pk):
                continue
            rule = book.for_workspace(workspace.pk)
            found.append(
                Place(
                    department,
                    workspace,
                    rule,
                    rule.rule if rule.rule and rule.rule.workspace_id == workspace.pk else None,
                    counted.get((workspace.pk, GOES)),
                    _items(counted.get((workspace.pk, HELD))),
                    _items(counted.get((workspace.pk, UNFINISHED))),
                )
            )
    return found
