"""Roles made of the catalogue's rights. Platform administrators make them; managers give those that they hold."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.catalogue import DEPARTMENT, RIGHTS
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.text import clean_text
from portal.departments.authority import one_change_at_a_time, require_platform
from portal.departments.grants import check_rights
from portal.departments.models import Membership, Role, RoleAction

NAME_LENGTH, DESCRIPTION_LENGTH = 80, 300


@transaction.atomic
def create_role(actor: Actor, name: str, rights: Collection[str], description: str = "") -> Role:
    """Raises Forbidden; Invalid: the name is taken, or a right is none that a role can hold."""
    require_platform(actor)
    check_rights(DEPARTMENT, rights)
    role = Role.objects.create(name=_free_name(name), description=_description(description))
    RoleAction.objects.bulk_create([RoleAction(role=role, action=right) for right in sorted(set(rights))])
    record(actor, "role.manage", Target("role", role.pk), details={"change": "created", "rights": sorted(set(rights))})
    return role


@transaction.atomic
def change_role(actor: Actor, role: Role, name: str, rights: Collection[str], description: str = "") -> None:
    """Counts at once for everybody who holds the role.

    Raises:
        Forbidden: the actor is no platform administrator.
        Conflict: it is one of the roles that every company has.
        NotFound: the role is gone.
        Invalid: as for ``create_role``.
    """
    one_change_at_a_time()
    require_platform(actor)
    check_rights(DEPARTMENT, rights)
    current = _locked(role)
    before = set(current.actions.values_list("action", flat=True))
    current.name, current.description = _free_name(name, but=current), _description(description)
    current.save(update_fields=["name", "description"])
    current.actions.exclude(action__in=rights).delete()
    RoleAction.objects.bulk_create([RoleAction(role=current, action=right) for right in set(rights) - before])
    details = {"change": "fields", "added": sorted(set(rights) - before), "removed": sorted(before - set(rights))}
    record(actor, "role.manage", Target("role", role.pk), details=details)


@transaction.atomic
def remove_role(actor: Actor, role: Role) -> None:
    """Raises Forbidden; Conflict: people hold it, or every company has it; NotFound: it is gone."""
    require_platform(actor)
    current = _locked(role)
    holders = Membership.objects.filter(role=current).values("person").distinct().count()
    if holders:
        message = ngettext(
            "1 person holds this role. Take it from them first.",
            "%(people)s people hold this role. Take it from them first.",
            holders,
        )
        raise Conflict(message % {"people": holders}, code="role_in_use", details={"people": holders})
    current.delete()
    record(actor, "role.manage", Target("role", role.pk), details={"change": "removed"})


def _locked(role: Role) -> Role:
    current = Role.objects.select_for_update().filter(pk=role.pk).first()
    if current is None:
        raise NotFound
    if current.key:
        raise Conflict(
            _("Every company has this role; it cannot be changed. Make one of your own."), code="builtin_role"
        )
    return current


def _free_name(name: str, but: Role | None = None) -> str:
    cleaned = clean_text(name, limit=NAME_LENGTH, name="name")
    others = Role.objects.filter(name__iexact=cleaned)
    if others.exclude(pk=but.pk).exists() if but else others.exists():
        raise Invalid(_("There is a role of this name already."), code="name_taken", details={"field": "name"})
    return cleaned


def _description(text: str) -> str:
    return clean_text(text, limit=DESCRIPTION_LENGTH, name="description") if text else ""


def role_rights(role: Role) -> set[str]:
    """Those that the catalogue still knows."""
    return set(role.actions.values_list("action", flat=True)) & RIGHTS.keys()
