"""What stands on an object: the grants and the denials there, by subject. Callers have asked the object's authority."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from portal.accounts.models import User
from portal.core.actor import Actor
from portal.core.catalogue import DEPARTMENT
from portal.core.errors import NotFound
from portal.departments.grants import kind_of
from portal.departments.models import KINDS, Department, DepartmentDenial, Workspace
from portal.departments.preview import Reach, reach_of_department, reach_of_workspace
from portal.departments.subjects import Subject, kind_of_subject
from portal.departments.targets import name_of_subject, object_for_rights


@dataclass(frozen=True, slots=True)
class StandingGrant:
    subject: Subject
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StandingDenial:
    """``right`` is empty where every right is denied."""

    id: uuid.UUID
    subject: Subject
    right: str
    reason: str


def grants_on(target: Model) -> list[StandingGrant]:
    """People first, then roles and departments; each by name."""
    kind = kind_of(target)
    people: Any = kind.person_grants.objects.filter(content_object=target).select_related("user", "permission")
    groups: Any = kind.subject_grants.objects.filter(content_object=target)
    groups = groups.select_related("group__role", "group__department", "permission")
    rows: list[tuple[Subject, str]] = [(row.user, row.permission.codename) for row in people]
    rows += [(_behind(row.group), row.permission.codename) for row in groups]
    rights: dict[uuid.UUID, set[str]] = {}
    subjects: dict[uuid.UUID, Subject] = {}
    for subject, right in rows:
        subjects[subject.pk] = subject
        rights.setdefault(subject.pk, set()).add(right)
    return [StandingGrant(item, tuple(sorted(rights[item.pk]))) for item in _in_order(subjects.values())]


def grant_of(target: Model, subject_id: uuid.UUID) -> StandingGrant:
    """What was given to one subject. Raises NotFound: nothing, or it is no subject at all."""
    for grant in grants_on(target):
        if grant.subject.pk == subject_id:
            return grant
    raise NotFound


def denied_object(actor: Actor, kind: str, denial_id: uuid.UUID) -> Model:
    """What a denial stands on. Raises NotFound and Forbidden, as ``object_for_rights`` does."""
    table: Any = DepartmentDenial if kind == DEPARTMENT else KINDS[kind].denials if kind in KINDS else None
    denial = table._default_manager.filter(pk=denial_id).first() if table else None
    if denial is None:
        raise NotFound
    return object_for_rights(actor, kind, denial.content_object_id)


def reach_of_object(target: Model) -> Reach:
    """Whose access a grant or denial there may alter; of what lies inside a workspace nobody's to the workspace."""
    if isinstance(target, Department):
        return reach_of_department(target)
    if isinstance(target, Workspace):
        return reach_of_workspace(target)
    return Reach(User.objects.none(), Workspace.objects.none())


def denials_on(target: Model) -> list[StandingDenial]:
    """Oldest first."""
    table: Any = DepartmentDenial if isinstance(target, Department) else kind_of(target).denials
    rows = table._default_manager.filter(content_object=target)
    rows = rows.select_related("for_person", "for_role", "for_department").order_by("created_at", "pk")
    return [
        StandingDenial(row.pk, row.for_person or row.for_role or row.for_department, row.action, row.reason)
        for row in rows
    ]


def _behind(group: Any) -> Subject:
    """A group stands for one role or one department, and goes with it."""
    subject: Subject = getattr(group, "role", None) or group.department
    return subject


def _in_order(subjects: Iterable[Subject]) -> list[Subject]:
    ranks = {"person": 0, "role": 1, "department": 2}
    return sorted(
        subjects, key=lambda item: (ranks[kind_of_subject(item)], name_of_subject(item).casefold(), str(item.pk))
    )
