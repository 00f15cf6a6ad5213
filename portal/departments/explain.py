"""Why a person holds a right on something, or does not: the chain of roles, grants and denials.

The decision itself is the one of the conditions in ``models.rights``; this walks the same rows one by one to name them.
"""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django.db.models import F, Model, Q, Value
from django.db.models.lookups import StartsWith

from portal.accounts.models import User
from portal.core.actor import Actor
from portal.core.catalogue import DEPARTMENT, RIGHTS, WORKSPACE
from portal.core.reasons import Reason
from portal.departments.authority import authorise, is_unbound, require_at
from portal.departments.grants import check_rights, kind_of
from portal.departments.models import KINDS, Department, DepartmentDenial, Kind, Membership, Workspace
from portal.departments.models.tree import EVERY_RIGHT

How = Literal["role", "grant", "everybody", "platform role", "denial", "suspended", "closed", "not opened"]


_REASONS: tuple[tuple[How, Reason], ...] = (
    ("platform role", "platform_role"),
    ("everybody", "everybody"),
    ("role", "role"),
    ("grant", "grant"),
)


@dataclass(frozen=True, slots=True)
class Ground:
    """One link of the chain.

    Attributes:
        gives: whether it gives the right or takes it.
        subject: through whom it reaches the person, as (kind, name).
        place: where it stands, as (kind, name); of a conversation the id, never the title.
        place_id: the id of what ``place`` names, by which a face leads there.
    """

    how: How
    gives: bool
    subject: tuple[str, str]
    place: tuple[str, str]
    note: str = ""
    place_id: uuid.UUID | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Explanation:
    person: User
    right: str
    allowed: bool
    grounds: tuple[Ground, ...]
    owns: bool = False

    @property
    def reason(self) -> Reason | None:
        """The winning link as the audit journal names it: of several, the first of ``_REASONS``."""
        giving = {ground.how for ground in self.grounds if ground.gives}
        found = next((reason for how, reason in _REASONS if how in giving), None) if self.allowed else None
        return "owner" if found and self.owns else found


def explain(actor: Actor, person: User, right: str, target: Model) -> Explanation:
    """The decision about ``person``, ``right`` and a department or object, with everything that speaks for or against.

    Raises:
        NotFound, Forbidden: the actor is neither a platform administrator nor gives rights there.
        Invalid: this kind of object does not have the right.
    """
    kind = None if isinstance(target, Department) else kind_of(target)
    check_rights(kind.name if kind else DEPARTMENT, [right])
    if not is_unbound(actor):
        if kind is None:
            require_at(actor, "grant.manage", target)  # type: ignore[arg-type]  # it is a department
        else:
            authorise(actor, kind, target)
    found = tuple(_grounds(person, right, target, kind))
    owns = kind is not None and bool(kind.owner) and getattr(target, kind.owner) == person.pk
    return Explanation(person, right, _decide(found), _with_reasons_for(actor, found), owns)


def _with_reasons_for(actor: Actor, found: tuple[Ground, ...]) -> tuple[Ground, ...]:
    """The reason of a denial is for those who give rights where it stands."""
    if is_unbound(actor):
        return found
    denials = [ground for ground in found if ground.how == "denial" and ground.place[0] in (DEPARTMENT, WORKSPACE)]
    by_kind: dict[str, set[uuid.UUID]] = {DEPARTMENT: set(), WORKSPACE: set()}
    for ground in denials:
        if ground.place_id:
            by_kind[ground.place[0]].add(ground.place_id)
    mine: set[uuid.UUID] = set()
    if by_kind[DEPARTMENT]:
        departments = Department.visible.allowed(actor, "grant.manage")
        mine.update(departments.filter(pk__in=by_kind[DEPARTMENT]).values_list("pk", flat=True))
    if by_kind[WORKSPACE]:
        workspaces = Workspace.objects.allowed(actor, "grant.manage")
        mine.update(workspaces.filter(pk__in=by_kind[WORKSPACE]).values_list("pk", flat=True))
    foreign = [ground for ground in denials if ground.place_id not in mine]
    return tuple(replace(ground, note="") if ground in foreign else ground for ground in found)


def _decide(grounds: Collection[Ground]) -> bool:
    """Whatever takes the right wins; a platform role is no right in the tree, and denials do not touch it."""
    by_platform = any(ground.how == "platform role" for ground in grounds)
    taken = any(not ground.gives and not (by_platform and ground.how == "denial") for ground in grounds)
    return not taken and any(ground.gives for ground in grounds)


def _grounds(person: User, right: str, target: Model, kind: Kind | None) -> Iterator[Ground]:
    himself = ("person", person.display_name())
    if not person.is_active:
        yield Ground("suspended", False, himself, himself, place_id=person.pk)
    if RIGHTS[right].administrative and person.platform_role == "administrator":
        yield Ground("platform role", True, ("platform role", "administrator"), ("company", ""))
    if kind is None:
        yield from _at_department(person, right, target)
        return
    yield from _on_object(person, right, target, kind)


def _on_object(person: User, right: str, target: Any, kind: Kind) -> Iterator[Ground]:
    himself, here = ("person", person.display_name()), _name(kind.name, target)
    if kind.closed and getattr(target, kind.closed) and not RIGHTS[right].administrative:
        yield Ground("closed", False, himself, here, place_id=target.pk)
    if kind.reserved and not getattr(target, kind.reserved):
        yield Ground("everybody", True, himself, here, place_id=target.pk)
    owns = not kind.owner or getattr(target, kind.owner) == person.pk
    for level, column in kind.levels():
        pk = target.pk if column == "pk" else _follow(target, column)
        yield from _granted(person, right, level, pk, counts=owns or level is kind)
        yield from _denied(person, right, level.denials, Q(content_object_id=pk), level.name)
    if kind.open_to and kind.inside and right in kind.opens.get(getattr(target, kind.open_to), ()):
        container = getattr(target, kind.inside[1])
        yield Ground("grant", True, _name(kind.inside[0], container), here, place_id=target.pk)
    if kind.department_column:
        department = Department.objects.get(pk=_follow(target, kind.department_column))
        yield from _at_department(person, right, department, roles=owns)
    if kind.inside is not None and kind.opened_by:
        container = getattr(target, kind.inside[1])
        if not _decide(tuple(_grounds(person, kind.opened_by, container, KINDS[kind.inside[0]]))):
            yield Ground("not opened", False, himself, _name(kind.inside[0], container), kind.opened_by, container.pk)


def _granted(person: User, right: str, level: Kind, pk: object, *, counts: bool) -> Iterator[Ground]:
    if not counts:
        return
    place, place_id = _name(level.name, level.model._default_manager.get(pk=pk)), uuid.UUID(str(pk))
    to_person = level.person_grants.objects.filter(user=person, content_object=pk, permission__codename=right)
    if to_person.exists():
        yield Ground("grant", True, ("person", person.display_name()), place, place_id=place_id)
    groups = level.subject_grants.objects.filter(content_object=pk, permission__codename=right)
    for grant in groups.select_related("group__role", "group__department"):
        subject = getattr(grant.group, "role", None) or getattr(grant.group, "department", None)
        if subject is not None and _belongs(person, subject):
            yield Ground("grant", True, _name(type(subject).__name__.lower(), subject), place, place_id=place_id)


def _denied(person: User, right: str, denials: Any, where: Q, kind: str) -> Iterator[Ground]:
    rows = denials._default_manager.filter(where, action__in=[EVERY_RIGHT, right])
    for row in rows.select_related("for_person", "for_role", "for_department", "content_object"):
        subject = row.for_person or row.for_role or row.for_department
        if subject == person or (not isinstance(subject, User) and _belongs(person, subject)):
            name = "person" if isinstance(subject, User) else type(subject).__name__.lower()
            place = _name(kind, row.content_object)
            yield Ground("denial", False, _name(name, subject), place, row.reason, row.content_object_id)


def _at_department(person: User, right: str, department: Any, *, roles: bool = True) -> Iterator[Ground]:
    held = Membership.objects.filter(
        StartsWith(Value(department.path), F("department__path")), person=person, role__actions__action=right
    )
    for membership in held.select_related("role", "department") if roles else ():
        place = _name(DEPARTMENT, membership.department)
        yield Ground("role", True, _name("role", membership.role), place, place_id=membership.department_id)
    above = Q(StartsWith(Value(department.path), F("content_object__path")))
    yield from _denied(person, right, DepartmentDenial, above, DEPARTMENT)


def _belongs(person: User, subject: Any) -> bool:
    if isinstance(subject, Department):
        return Membership.objects.filter(person=person, department__path__startswith=subject.path).exists()
    return Membership.objects.filter(person=person, role=subject).exists()


def _name(kind: str, row: Any) -> tuple[str, str]:
    return kind, row.display_name() if isinstance(row, User) else str(row)


def _follow(target: Any, column: str) -> Any:
    """The value of a column that is named from the object, such as ``workspace__department_id``."""
    for part in column.split("__"):
        target = getattr(target, part)
    return target
