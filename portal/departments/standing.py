"""What a person holds in the tree, resolved at once: for his own account, and for what the faces offer him."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.core.actor import Actor
from portal.core.catalogue import RIGHTS
from portal.departments.models import Department, DepartmentDenial, Membership
from portal.departments.models.tree import EVERY_RIGHT, concerns
from portal.departments.models.whom import Whom


@dataclass(frozen=True, slots=True)
class Held:
    """A role at a department."""

    department: Department
    role: str
    rights: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """Rights by department; those below a department have at least what is given above them, less what is denied."""

    held: tuple[Held, ...]
    denied: Mapping[str, frozenset[str]]
    everywhere: frozenset[str]

    def at(self, path: str) -> frozenset[str]:
        """The rights at the department with this path in the tree."""
        given = {right for held in self.held if path.startswith(held.department.path) for right in held.rights}
        taken = {right for above, rights in self.denied.items() if path.startswith(above) for right in rights}
        return (frozenset(given) - (RIGHTS.keys() if EVERY_RIGHT in taken else taken)) | self.everywhere

    @property
    def anywhere(self) -> frozenset[str]:
        """The rights that he holds at one department or another."""
        return self.everywhere.union(*(self.at(held.department.path) for held in self.held))

    @property
    def administers(self) -> bool:
        """Whether there is any department that he administers in any way."""
        # To see a department is no administration of it.
        return any(RIGHTS[right].administrative for right in self.anywhere - {"department.view"})


def standing_of(actor: Actor) -> Standing:
    """In three queries, whatever the size of the tree."""
    if not actor.is_person:
        return Standing((), {}, frozenset())
    memberships = Membership.objects.filter(person_id=actor.id).select_related("department", "role")
    held = tuple(
        Held(
            membership.department,
            membership.role.name,
            frozenset(entry.action for entry in membership.role.actions.all() if entry.action in RIGHTS),
        )
        for membership in memberships.order_by("department__path", "role__name").prefetch_related("role__actions")
    )
    denied: dict[str, frozenset[str]] = {}
    denials = DepartmentDenial.objects.filter(concerns(Whom.of(actor))).values_list("content_object__path", "action")
    for path, action in denials:
        denied[path] = denied.get(path, frozenset()) | {action}
    administrative = {right.name for right in RIGHTS.values() if right.administrative}
    return Standing(held, denied, frozenset(administrative if actor.is_platform_administrator else ()))


def has_administration(actor: Actor) -> bool:
    """Whether the console has anything for him; in one query, denials apart, for a link that leads there."""
    if actor.is_platform_administrator or actor.is_auditor or not actor.is_person:
        return actor.is_person
    rights = {right.name for right in RIGHTS.values() if right.administrative} - {"department.view"}
    return Membership.objects.filter(person_id=actor.id, role__actions__action__in=rights).exists()
