"""From what a request names to objects and subjects: of one that is foreign no more is told than of one that is not."""

import uuid
from typing import Any, TypeVar, cast

from django.db.models import Model
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.accounts.selectors import person_called
from portal.core.actor import Actor
from portal.core.catalogue import DEPARTMENT, WORKSPACE
from portal.core.errors import Invalid, NotFound
from portal.departments.access import department_for_view
from portal.departments.authority import authorise, is_unbound, require_at
from portal.departments.models import KINDS, Department, Workspace
from portal.departments.selectors import role_called
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
        department: Department = _there(Department.objects.filter(pk=object_id).first())
        require_at(actor, "grant.manage", department)
        return department
    if kind in KINDS:
        found = _row(kind, object_id)
        authorise(actor, KINDS[kind], found)
        return found
    known = sorted([*KINDS, DEPARTMENT] if departments else KINDS)
    raise Invalid(
        _("The kind must be one of: %(known)s.") % {"known": ", ".join(known)},
        code="unknown_kind",
        details={"field": "kind"},
    )


def subject_called(actor: Actor, kind: str, name: str) -> Subject:
    """A person by id or user name; a role or a department that the actor sees by its id. Raises NotFound."""
    if kind == "person":
        return person_called(name)
    try:
        subject_id = uuid.UUID(name)
    except ValueError:
        raise NotFound from None
    if kind == "role":
        return role_called(subject_id)
    return department_for_view(actor, subject_id)


def object_for_explanation(actor: Actor, kind: str, object_id: uuid.UUID) -> Model:
    """As ``object_for_rights``; platform administrators explain rights on everything, contents apart."""
    if is_unbound(actor) and kind in KINDS:
        return _row(kind, object_id)
    return object_for_rights(actor, kind, object_id)


def workspace_for_grants(actor: Actor, workspace_id: uuid.UUID) -> Workspace:
    """Raises as ``object_for_rights`` does."""
    return cast(Workspace, object_for_rights(actor, WORKSPACE, workspace_id))


def name_of_subject(subject: Subject) -> str:
    return subject.display_name() if isinstance(subject, User) else subject.name


def _row(kind: str, object_id: uuid.UUID) -> Model:
    rows: Any = KINDS[kind].model._default_manager
    found: Model | None = rows.filter(pk=object_id).first()
    return _there(found)


def _there(found: Found | None) -> Found:
    if found is None:
        raise NotFound
    return found
