"""Denials: what wins over every role and every grant."""

import uuid
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Model

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.catalogue import DEPARTMENT
from portal.core.errors import NotFound
from portal.core.text import clean_text
from portal.departments.authority import (
    authorise,
    one_change_at_a_time,
    refuse_administrative,
    refuse_own,
    require_at,
    require_held_at,
    require_held_on,
)
from portal.departments.ceiling import require_throughout
from portal.departments.grants import check_rights, check_subject, kind_of
from portal.departments.models import KINDS, Department, DepartmentDenial, Role
from portal.departments.models.tree import EVERY_RIGHT
from portal.departments.subjects import Subject, as_details

REASON_LENGTH = 300


@transaction.atomic
def deny(actor: Actor, subject: Subject, target: Model, rights: Collection[str], reason: str = "") -> None:
    """Deny rights on an object or at a department, and on all that it contains; ``EVERY_RIGHT`` denies them all.

    Denying again changes nothing.

    Raises:
        NotFound: the actor does not see the object, or the department whose people it concerns.
        Forbidden: he may not deny rights there, is the subject himself, or would deny administration.
        Invalid: no rights, or one that this kind of object does not have.
    """
    one_change_at_a_time()
    kind, denials = _table_of(target)
    if set(rights) != {EVERY_RIGHT}:
        check_rights(kind, rights)
    _authorise(actor, target)
    refuse_own(actor, subject)
    check_subject(actor, subject)
    for right in rights:
        refuse_administrative(actor, right)
    text = clean_text(reason, limit=REASON_LENGTH, name="reason") if reason else ""
    made = [
        right
        for right in sorted(set(rights))
        if denials.get_or_create(content_object=target, action=right, **_columns(subject), defaults={"reason": text})[1]
    ]
    if made:
        details = {"rights": made, **as_details(subject)}
        record(actor, "denial.set", Target(kind, target.pk), details=details)


@transaction.atomic
def lift(actor: Actor, kind: str, denial_id: uuid.UUID) -> None:
    """Lift a denial; ``kind`` says of what it is.

    Raises:
        NotFound: there is no such denial, or the actor does not see what it is on.
        Forbidden: he may not deny rights there, it is his own, it denies what he does not hold there, or it denies
            administration.
    """
    one_change_at_a_time()
    denials: Any = DepartmentDenial if kind == DEPARTMENT else KINDS[kind].denials if kind in KINDS else None
    denial = denials.objects.select_for_update(of=("self",)).filter(pk=denial_id).first() if denials else None
    if denial is None:
        raise NotFound
    subject: Subject = denial.for_person or denial.for_role or denial.for_department
    _authorise(actor, denial.content_object)
    refuse_own(actor, subject)
    refuse_administrative(actor, denial.action)
    _require_held(actor, denial.action, denial.content_object)
    denial.delete()
    details = {"rights": [denial.action], **as_details(subject)}
    record(actor, "denial.lift", Target(kind, denial.content_object_id), details=details)


def _table_of(target: Model) -> tuple[str, Any]:
    if isinstance(target, Department):
        return DEPARTMENT, DepartmentDenial.objects
    kind = kind_of(target)
    return kind.name, kind.denials._default_manager


def _authorise(actor: Actor, target: Any) -> None:
    if isinstance(target, Department):
        require_at(actor, "grant.manage", target)
    else:
        authorise(actor, kind_of(target), target)


def _require_held(actor: Actor, right: str, target: Model) -> None:
    """Whoever is under a denial by his role or department does not lift it."""
    if isinstance(target, Department):
        require_held_at(actor, [right], target)
        require_throughout(actor, [right], target)
    else:
        require_held_on(actor, [right], kind_of(target), target)


def _columns(subject: Subject) -> dict[str, Subject | None]:
    return {
        "for_person": subject if isinstance(subject, User) else None,
        "for_role": subject if isinstance(subject, Role) else None,
        "for_department": subject if isinstance(subject, Department) else None,
    }
