"""From what a request names to objects and subjects: of one that is foreign no more is told than of one that is not."""

import uuid
from typing import Any, TypeVar

from django.db.models import Model

from portal.accounts.models import User
from portal.accounts.selectors import person_called
from portal.core.actor import Actor
from portal.core.catalogue import DEPARTMENT
from portal.core.errors import Invalid, NotFound
from portal.departments.authority import authorise, require_at
from portal.departments.models import KINDS, Department, Role
from portal.departments.subjects import Subject

Found = TypeVar("Found")


def object_for_rights(actor: Actor, kind: str, object_id: uuid.UUID, *, departments: bool = True) -> Model:
    """An object, or a department, on which the actor gives and denies rights.

    Raises:
        Invalid: rights are not given on this kind of object.
        NotFound: there is no such object, or the actor does not see it.
        Forbidden: he sees it, and may not change rights there.
    """
    if kind == DEPARTMENT and departments:
        found: Model | None = Department.objects.filter(pk=object_id).first()
        require_at(actor, "grant.manage", _there(found))
    elif kind in KINDS:
        rows: Any = KINDS[kind].model._default_manager
        found = rows.filter(pk=object_id).first()
        authorise(actor, KINDS[kind], _there(found))
    else:
        known = sorted([*KINDS, DEPARTMENT] if departments else KINDS)
        raise Invalid(f"The kind must be one of: {', '.join(known)}.", code="unknown_kind", details={"field": "kind"})
    return _there(found)


def subject_called(actor: Actor, kind: str, name: str) -> Subject:
    """A person by id or user name; a role or a department that the actor sees by its id. Raises NotFound."""
    if kind == "person":
        return person_called(name)
    try:
        subject_id = uuid.UUID(name)
    except ValueError:
        raise NotFound from None
    found: Role | Department | None
    if kind == "role":
        found = Role.objects.filter(pk=subject_id).first()
    else:
        found = Department.visible.visible_to(actor).filter(pk=subject_id).first()
    return _there(found)


def standing_subject(actor: Actor, kind: str, name: str) -> Subject:
    """As ``subject_called``, and departments too that the actor does not see: what was given to them can be taken."""
    if kind == "department":
        try:
            found: Department | None = Department.objects.filter(pk=uuid.UUID(name)).first()
        except ValueError:
            found = None
        return _there(found)
    return subject_called(actor, kind, name)


def name_of_subject(subject: Subject) -> str:
    return subject.display_name() if isinstance(subject, User) else subject.name


def _there(found: Found | None) -> Found:
    if found is None:
        raise NotFound
    return found
