"""Grants on single objects. The only module of the house that has django-guardian give and withdraw."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm, remove_perm

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.catalogue import RIGHTS
from portal.core.errors import Forbidden, Invalid
from portal.departments.authority import (
    authorise,
    is_unbound,
    one_change_at_a_time,
    refuse_own,
    require_at,
    require_held_on,
)
from portal.departments.models import KINDS, Kind, Role
from portal.departments.subjects import Subject, as_details, group_of

USE = ("workspace.view", "conversation.create", "conversation.view", "message.ask", "conversation.share")
"""What it takes to work in a workspace."""


def kind_of(target: Model) -> Kind:
    """Raises LookupError: rights are not given on objects of this kind."""
    return next(kind for kind in KINDS.values() if isinstance(target, kind.model))


@transaction.atomic
def give(actor: Actor, subject: Subject, target: Model, rights: Collection[str]) -> None:
    """Give rights on one object, and on all that it contains. Giving them again changes nothing.

    Raises:
        NotFound: the actor does not see the object, or the department that is to get the rights.
        Forbidden: he may not give rights there, does not hold one of them himself, or is the subject.
        Invalid: no rights, or one that is not given on this kind of object.
    """
    one_change_at_a_time()
    kind = kind_of(target)
    _check(actor, subject, target, kind, rights)
    require_held_on(actor, rights, kind, target)
    missing = sorted(set(rights) - set(given_rights(subject, target)))
    if missing:
        for permission in _permissions(kind, missing):
            assign_perm(permission, _holder(subject), target)
        _record(actor, "grant.give", kind, subject, target, missing)


@transaction.atomic
def withdraw(actor: Actor, subject: Subject, target: Model, rights: Collection[str]) -> None:
    """Withdraw rights that were given on the object itself. Raises as ``give`` does, but for what one must hold."""
    one_change_at_a_time()
    kind = kind_of(target)
    _check(actor, subject, target, kind, rights, giving=False)
    standing = sorted(set(rights) & set(given_rights(subject, target)))
    if standing:
        for permission in _permissions(kind, standing):
            remove_perm(permission, _holder(subject), target)
        _record(actor, "grant.withdraw", kind, subject, target, standing)


def given_rights(subject: Subject, target: Model) -> list[str]:
    """What was given to this very subject on this very object."""
    kind = kind_of(target)
    if isinstance(subject, User):
        found = kind.person_grants.objects.filter(user=subject, content_object=target)
    else:
        found = kind.subject_grants.objects.filter(group_id=subject.group_id, content_object=target)
    return sorted(found.values_list("permission__codename", flat=True))


def _check(
    actor: Actor, subject: Subject, target: Model, kind: Kind, rights: Iterable[str], *, giving: bool = True
) -> None:
    check_rights(kind.name, rights)
    authorise(actor, kind, target)
    refuse_own(actor, subject)
    if giving:
        check_subject(actor, subject)


def check_rights(kind: str, rights: Iterable[str]) -> None:
    """Raises Invalid."""
    names = set(rights)
    unknown = sorted(name for name in names if name not in RIGHTS or kind not in RIGHTS[name].on)
    if unknown:
        raise Invalid(
            _("%(unknown)s is no right that a %(kind)s has.") % {"unknown": f"{unknown[0]!r}", "kind": kind},
            code="unknown_right",
        )
    if not names:
        raise Invalid(_("Choose at least one right."), code="no_rights")


def check_subject(actor: Actor, subject: Subject) -> None:
    """A delegated administrator names people, and departments of his own; roles reach through the whole company.

    Raises Forbidden or NotFound.
    """
    if is_unbound(actor) or isinstance(subject, User):
        return
    if isinstance(subject, Role):
        raise Forbidden(_("Only platform administrators give rights to a role, or deny them."), code="role_subject")
    require_at(actor, "department.view", subject)


def _holder(subject: Subject) -> User | Group:
    return subject if isinstance(subject, User) else group_of(subject)


def _permissions(kind: Kind, rights: Iterable[str]) -> Iterable[Permission]:
    # Objects, not names: guardian takes what stands before a dot for an application.
    about = ContentType.objects.get_for_model(kind.model)
    return Permission.objects.filter(content_type=about, codename__in=list(rights))


def _record(actor: Actor, act: str, kind: Kind, subject: Subject, target: Any, rights: list[str]) -> None:
    record(actor, act, Target(kind.name, target.pk), details={"rights": rights, **as_details(subject)})
