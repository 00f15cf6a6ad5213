"""What a delegated change may bring about at most: nobody comes to hold what the actor does not hold there himself.

Checking the right that is given is not enough. A role counts below its department, where the actor may be denied
something; a role has grants of its own; a move brings objects under other roles and out from under denials; and whoever
loses a role loses the denials that go by it. Grants to a department, and to the roles that every company has, are for
whomever its managers take in.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Q, QuerySet

from portal.accounts.models import User
from portal.core.actor import Actor
from portal.core.catalogue import DEPARTMENT, RIGHTS, WORKSPACE, rights_on
from portal.core.errors import Forbidden
from portal.departments.authority import BEYOND, OWN, is_unbound
from portal.departments.models import (
    KINDS,
    Department,
    DepartmentDenial,
    Membership,
    Role,
    Whom,
    Workspace,
    denied,
    held,
)
from portal.departments.models.tree import concerns

Pair = tuple[str, uuid.UUID, uuid.UUID]
"""A right, an object and a person."""


def require_throughout(actor: Actor, rights: Iterable[str], department: Department) -> None:
    """Raises Forbidden: below the department is a place where the actor does not hold one of the rights."""
    if is_unbound(actor):
        return
    inside = _Inside.of(department)
    whom = Whom.of(actor)
    missing = sorted(
        right for right in rights if inside.departments_without(whom, right) or inside.without(whom, right)
    )
    if missing:
        raise Forbidden(BEYOND, code="not_held", details={"rights": missing})


def require_what_role_opens(actor: Actor, role: Role) -> None:
    """Raises Forbidden: the role has a grant of what the actor does not hold."""
    if is_unbound(actor) or role.key or role.group_id is None:
        return
    for kind in KINDS.values():
        grants = kind.subject_grants.objects.filter(group_id=role.group_id)
        for right in sorted(set(grants.values_list("permission__codename", flat=True))):
            opened = grants.filter(permission__codename=right).values("content_object_id")
            objects: Any = kind.model._default_manager
            if objects.filter(pk__in=opened).exclude(pk__in=objects.allowed(actor, right).values("pk")).exists():
                raise Forbidden(BEYOND, code="not_held", details={"rights": [right]})


@contextmanager
def nobody_gains(
    actor: Actor, *, department: Department | None = None, workspace: Workspace | None = None
) -> Iterator[None]:
    """Of a change that brings a department or workspace elsewhere: nobody gains a right there that the actor lacks.

    Raises Forbidden at the end of the block; the caller is in a transaction.
    """
    if is_unbound(actor):
        yield
        return
    inside = _Inside.of(department) if department else _Inside([], [workspace.pk] if workspace else [])
    lacking = inside.lacking(Whom.of(actor))
    before = inside.holders(lacking)
    yield
    gained = inside.holders(lacking) - before
    if gained:
        raise Forbidden(BEYOND, code="not_held", details={"rights": sorted({right for right, _, _ in gained})})


@contextmanager
def no_denial_ends(actor: Actor, people: Collection[uuid.UUID]) -> Iterator[None]:
    """Of a change of people's roles: the denials that go by them end for nobody who would gain what the actor lacks.

    Raises Forbidden at the end of the block; the caller is in a transaction.
    """
    if not actor.is_person:
        yield
        return
    before = {person: _denials_of(person) for person in people}
    yield
    for person, standing in before.items():
        ended = standing - _denials_of(person)
        if ended and person == actor.id:
            raise Forbidden(OWN, code="own_rights")
        gained = [] if is_unbound(actor) else [denial.action for denial in ended if denial.opens(actor, person)]
        if gained:
            raise Forbidden(BEYOND, code="not_held", details={"rights": sorted(gained)})


def people_under_denials_above(department: Department) -> set[uuid.UUID]:
    """Of the people of a department: all of them, where a denial goes by this department or one above it."""
    above = [department.path[:end] for end in range(department.steplen, len(department.path) + 1, department.steplen)]
    tables: list[Any] = [DepartmentDenial, *(kind.denials for kind in KINDS.values())]
    if not any(table.objects.filter(for_department__path__in=above).exists() for table in tables):
        return set()
    inside = Membership.objects.filter(department__path__startswith=department.path)
    return set(inside.values_list("person_id", flat=True))


@dataclass(frozen=True, slots=True)
class _Denial:
    kind: str
    target: uuid.UUID
    action: str

    def opens(self, actor: Actor, person: uuid.UUID) -> bool:
        """Whether without it the person holds something of what it denied that the actor does not hold."""
        whom = Whom(person)
        for right in [self.action] if self.action else [action.name for action in rights_on(self.kind)]:
            for found, mine in self._reached(actor, whom, right):
                if found.exclude(pk__in=mine.values("pk")).exists():
                    return True
        return False

    def _reached(self, actor: Actor, whom: Whom, right: str) -> Iterator[tuple[QuerySet[Any], QuerySet[Any]]]:
        if self.kind != DEPARTMENT:
            objects: Any = KINDS[self.kind].model._default_manager
            yield objects.filter(pk=self.target).allowed_to(whom, right), objects.allowed(actor, right)
            return
        place = Department.objects.filter(pk=self.target).first()
        if place is None:
            # It went with its department: see ``nobody_gains`` for what that held.
            return
        below = Department.visible.filter(path__startswith=place.path)
        yield below.allowed_to(whom, right), Department.visible.allowed(actor, right)
        if WORKSPACE in RIGHTS[right].on:
            rooms = Workspace.objects.filter(department__path__startswith=place.path)
            yield rooms.allowed_to(whom, right), Workspace.objects.allowed(actor, right)


def _denials_of(person: uuid.UUID) -> set[_Denial]:
    """Those that concern the person by a role or a department."""
    tables: list[tuple[str, Any]] = [(DEPARTMENT, DepartmentDenial)]
    tables += [(kind.name, kind.denials) for kind in KINDS.values()]
    return {
        _Denial(name, target, action)
        for name, table in tables
        for target, action in table.objects.filter(concerns(Whom(person))).values_list("content_object_id", "action")
    }


@dataclass(frozen=True, slots=True)
class _Inside:
    """Departments and workspaces, wherever a change brings them. Archived ones count: they may be opened again."""

    departments: Collection[uuid.UUID]
    workspaces: Collection[uuid.UUID]

    @classmethod
    def of(cls, department: Department) -> "_Inside":
        path = Department.objects.values_list("path", flat=True).get(pk=department.pk)
        return cls(
            list(Department.objects.filter(path__startswith=path).values_list("pk", flat=True)),
            list(Workspace.objects.filter(department__path__startswith=path).values_list("pk", flat=True)),
        )

    def lacking(self, whom: Whom) -> list[tuple[str, bool, uuid.UUID]]:
        """Rights, whether on a department, and on which object, that the person does not hold."""
        found = [(right, True, pk) for right in _names(DEPARTMENT) for pk in self.departments_without(whom, right)]
        return found + [(right, False, pk) for right in _names(WORKSPACE) for pk in self.without(whom, right)]

    def departments_without(self, whom: Whom, right: str) -> list[uuid.UUID]:
        holding = Department.visible.filter(pk__in=self.departments).allowed_to(whom, right)
        return sorted(set(self.departments) - set(holding.values_list("pk", flat=True)))

    def without(self, whom: Whom, right: str) -> list[uuid.UUID]:
        if not self.workspaces or WORKSPACE not in RIGHTS[right].on:
            return []
        holding = Workspace.objects.filter(_held_in_workspace(whom, right), pk__in=self.workspaces)
        return sorted(set(self.workspaces) - set(holding.values_list("pk", flat=True)))

    def holders(self, lacking: Iterable[tuple[str, bool, uuid.UUID]]) -> set[Pair]:
        found: set[Pair] = set()
        whom = Whom(column="pk", depth=1)
        for right, on_department, pk in lacking:
            here: QuerySet[Any] = (
                Department.visible.filter(pk=pk).allowed_to(whom, right)
                if on_department
                else Workspace.objects.filter(_held_in_workspace(whom, right), pk=pk)
            )
            people = User.objects.filter(Exists(here)).values_list("pk", flat=True)
            found |= {(right, pk, person) for person in people}
        return found


def _held_in_workspace(whom: Whom, right: str) -> Q:
    return held(whom, right, KINDS[WORKSPACE]) & ~denied(whom, right, KINDS[WORKSPACE])


def _names(kind: str) -> list[str]:
    return [action.name for action in rights_on(kind)]
