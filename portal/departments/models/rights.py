"""What decides about rights on objects, for every kind of object alike.

A person holds a right on an object by a role at a department that contains it, or by a grant on the object itself or
on one that contains it; to him, to a role that he holds, or to a department that he is of. A denial of any of these
wins. These conditions are the only place where that is said; doors, lists and sockets all ask them.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, CharField, Exists, F, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.lookups import StartsWith
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from portal.core.actor import Actor
from portal.core.catalogue import RIGHTS
from portal.core.reasons import Reason
from portal.departments.models.reached import (
    departments_by_roles,
    departments_under_denials,
    objects_denied,
    objects_given_to_person,
    objects_given_to_subject,
)
from portal.departments.models.tree import (
    EVERY_RIGHT,
    DenialBase,
    Department,
    Membership,
    concerns,
    denials_above,
    roles_above,
)
from portal.departments.models.whom import Whom


class PersonGrantBase(UserObjectPermissionBase):
    """django-guardian's table of a kind's grants to people. Subclasses add ``content_object``: with a foreign key of
    its own a grant goes when the object goes."""

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True


class SubjectGrantBase(GroupObjectPermissionBase):
    """The same for grants to roles and departments, which groups stand for."""

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = True


@dataclass(frozen=True)
class Kind:
    """A kind of object on which rights are given.

    Attributes:
        inside: the kind that contains it, and the column that names the container; rights on that reach in here.
        department: the column that names the department, for a kind that departments contain.
        owner: the column that names whose it is. What is held on a container reaches in for the owner alone, and
            everybody needs ``opened_by`` on the container.
        closed: the flag of an object on which only administrative rights count.
        reserved: the flag of an object without which everybody holds its rights.
        open_to: the column that says what everybody may do who may open the container; ``opens`` are the rights by
            its value.
    """

    name: str
    model: type[Model]
    person_grants: type[PersonGrantBase]
    subject_grants: type[SubjectGrantBase]
    denials: type[DenialBase]
    inside: tuple[str, str] | None = None
    department: str = ""
    owner: str = ""
    opened_by: str = ""
    closed: str = ""
    reserved: str = ""
    open_to: str = ""
    opens: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)

    def levels(self) -> Iterator[tuple["Kind", str]]:
        """The kind and those that contain it, with the column that names the object from here."""
        prefix, kind = "", self
        yield self, "pk"
        while kind.inside is not None:
            container, column = kind.inside
            yield KINDS[container], f"{prefix}{column}_id"
            prefix, kind = f"{prefix}{column}__", KINDS[container]

    @property
    def department_column(self) -> str:
        """From an object of this kind to its department's id; empty where it is in none."""
        prefix, kind = "", self
        while kind.inside is not None:
            prefix, kind = f"{prefix}{kind.inside[1]}__", KINDS[kind.inside[0]]
        return f"{prefix}{kind.department}" if kind.department else ""


KINDS: dict[str, Kind] = {}


def register_kind(kind: Kind) -> Kind:
    """Called once by the room that owns the kind, where its tables are declared."""
    KINDS[kind.name] = kind
    return kind


def held(whom: Whom, action: str, kind: Kind) -> Q:
    """Of objects of this kind: those on which the person holds the right, denials apart."""
    found = [given(whom, action, level, column) for level, column in kind.levels()]
    if kind.department_column and whom.id is not None:
        found.append(_among(kind.department_column, departments_by_roles(whom.id, action)))
    elif kind.department_column:
        covered = Department.objects.filter(pk=OuterRef(kind.department_column))
        found.append(Q(Exists(covered.filter(Exists(roles_above(whom.inside.inside, action, "path"))))))
    return reduce(or_, found)


def given(whom: Whom, action: str, kind: Kind, column: str = "pk") -> Q:
    """By a grant on the object of this kind that ``column`` names."""
    if whom.id is not None:
        people, groups = kind.person_grants._meta.db_table, kind.subject_grants._meta.db_table
        return _among(column, objects_given_to_person(whom.id, action, people)) | _among(
            column, objects_given_to_subject(whom.id, action, groups)
        )
    to_person = kind.person_grants.objects.filter(
        content_object_id=OuterRef(column), permission__codename=action, user_id=whom.inside.value
    )
    to_subject = kind.subject_grants.objects.filter(
        Exists(_belonging(whom.inside.inside)), content_object_id=OuterRef(column), permission__codename=action
    )
    return Q(Exists(to_person)) | Q(Exists(to_subject))


def given_ids(person: uuid.UUID, action: str, kind: Kind) -> RawSQL:
    """Of the objects of this kind that are given to the person, himself or as one of many; few, so that an index finds
    the objects by them."""
    people = objects_given_to_person(person, action, kind.person_grants._meta.db_table)
    groups = objects_given_to_subject(person, action, kind.subject_grants._meta.db_table)
    return RawSQL(f"{people.sql} UNION {groups.sql}", (*people.params, *groups.params))  # noqa: S611  # the two above


def denied(whom: Whom, action: str, kind: Kind) -> Q:
    """Of objects of this kind: those on which the right is denied to the person."""
    if whom.id is not None:
        sets = [
            _among(column, objects_denied(whom.id, action, level.denials._meta.db_table))
            for level, column in kind.levels()
        ]
        if kind.department_column:
            sets.append(_among(kind.department_column, departments_under_denials(whom.id, action)))
        return reduce(or_, sets)
    found = [
        Q(
            Exists(
                _rows(level.denials).filter(
                    concerns(whom.inside), content_object_id=OuterRef(column), action__in=[EVERY_RIGHT, action]
                )
            )
        )
        for level, column in kind.levels()
    ]
    if kind.department_column:
        covered = Department.objects.filter(pk=OuterRef(kind.department_column))
        found.append(Q(Exists(covered.filter(Exists(denials_above(whom.inside.inside, action, "path"))))))
    return reduce(or_, found)


def reason_of(actor: Actor, rights: Collection[str], kind: Kind) -> Combinable:
    """Of objects on which the person holds one of the rights or more: by which way, as a ``Reason``.

    Where there are several, the first of: administering the company, being everybody's, owning it, a role, a grant.
    """
    whom, ways = Whom.of(actor), list[tuple[Q, Reason]]()
    if actor.is_platform_administrator and any(RIGHTS[right].administrative for right in rights):
        return reason_value("platform_role")
    if kind.reserved:
        ways.append((Q(**{kind.reserved: False}), "everybody"))
    if kind.owner:
        ways.append((Q(**{kind.owner: whom.value}), "owner"))
    elif kind.department_column:
        for right in rights:
            by_role = _among(kind.department_column, departments_by_roles(actor.person_id, right))
            # A right that is asked for alone is known not to be denied.
            ways.append((by_role if len(rights) == 1 else Q(by_role, ~denied(whom, right, kind)), "role"))
    return Case(
        *(When(condition, then=reason_value(reason)) for condition, reason in ways), default=reason_value("grant")
    )


def reason_value(reason: Reason) -> Value:
    return Value(reason, output_field=CharField())


def _among(column: str, ids: RawSQL) -> Q:
    return Q(**{f"{column}__in": ids})


def _rows(denials: type[DenialBase]) -> Any:
    # ``content_object`` is declared by the subclasses.
    return denials._default_manager


def _belonging(whom: Whom) -> QuerySet[Membership]:
    """Of grants to groups: the memberships by which the person belongs to the role or department behind the group."""
    return Membership.objects.filter(
        Q(role=OuterRef("group__role")) | StartsWith(F("department__path"), OuterRef("group__department__path")),
        person_id=whom.value,
    )
