"""Where a table of people puts them: departments and roles by name, each pair checked once."""

import uuid
from dataclasses import dataclass
from typing import TypeAlias

from django.utils.translation import gettext as _

from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound
from portal.departments.models import Department, Role
from portal.departments.selectors import departments, parents
from portal.departments.services.memberships import require_giving

NoPlace: TypeAlias = tuple[str, str, str]
"""Why there is none: a code, a message and the column."""


@dataclass(frozen=True, slots=True)
class Place:
    department: Department
    role: Role


class Places:
    """The departments that the actor sees, and the roles that there are."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        seen = list(Department.objects.all() if actor.kind == "system" else departments(actor))
        self._by_id = {item.pk: item for item in seen}
        self._paths = self._named(seen)
        self._roles = {role.name.lower(): role for role in Role.objects.all()}
        self._checked: dict[tuple[str, str], Place | NoPlace] = {}

    def at(self, department: str, role: str) -> Place | NoPlace:
        """The place, where the actor may give that role there."""
        if (department, role) not in self._checked:
            self._checked[department, role] = self._check(department, role)
        return self._checked[department, role]

    def _check(self, department: str, role_name: str) -> Place | NoPlace:
        found = self._departments(department)
        role = self._roles.get(role_name.lower())
        if not found:
            return "unknown_department", _("There is no such department."), "department"
        if len(found) > 1:
            return (
                "ambiguous_department",
                _("Several departments are called so: name those above it too."),
                "department",
            )
        if role is None:
            return "unknown_role", _("There is no such role."), "role"
        try:
            require_giving(self._actor, found[0], role)
        except (Forbidden, NotFound) as error:
            return error.code, error.message, "role"
        return Place(found[0], role)

    def _departments(self, text: str) -> list[Department]:
        """By id, or by its name with as many of those above it, ``/`` between, as tell it from others."""
        try:
            found = self._by_id.get(uuid.UUID(text))
        except ValueError:
            return [item for item, path in self._paths if text and (path == text or path.endswith(f"/{text}"))]
        return [found] if found else []

    def _named(self, seen: list[Department]) -> list[tuple[Department, str]]:
        """With their names and those of all above them that are seen; ``seen`` is in the order of the tree."""
        above, paths = parents(seen), dict[uuid.UUID, str]()
        for item in seen:
            upper = above[item.pk]
            paths[item.pk] = f"{paths[upper]}/{item.name}" if upper else item.name
        return [(item, paths[item.pk]) for item in seen]
