"""The roles that every company has: their rights are the catalogue's, brought up to date after each migration."""

from typing import Any

from portal.core.catalogue import RIGHTS
from portal.departments.choices import RoleKey
from portal.departments.models import Role, RoleAction


def refresh_builtin_roles(**kwargs: Any) -> None:
    """Make the two roles hold what the catalogue says. Running it again changes nothing."""
    for key in RoleKey:
        role, _ = Role.objects.get_or_create(key=key, defaults={"name": str(key.label).capitalize()})
        wanted = {action.name for action in RIGHTS.values() if key in action.roles}
        role.actions.exclude(action__in=wanted).delete()
        RoleAction.objects.bulk_create([RoleAction(role=role, action=name) for name in wanted], ignore_conflicts=True)


def builtin_role(key: RoleKey) -> Role:
    return Role.objects.get(key=key)
