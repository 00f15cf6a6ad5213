import uuid
from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Q, QuerySet, Value
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core.actor import Actor
from portal.core.catalogue import DEPARTMENT, rights_on
from portal.core.errors import NotFound
from portal.departments.access import require_anywhere
from portal.departments.models import (
    Department,
    DepartmentQuerySet,
    Membership,
    Role,
    Workspace,
    WorkspaceQuerySet,
)
from portal.departments.preview import who_may


def departments(actor: Actor) -> DepartmentQuerySet:
    return Department.visible.visible_to(actor).order_by("path")


def workspaces(actor: Actor) -> WorkspaceQuerySet:
    """Those that the actor may use, in the order of the tree."""
    return Workspace.objects.visible_to(actor).select_related("department").order_by("department__path", "name")


def rights_in_departments(actor: Actor) -> Mapping[uuid.UUID, list[str]]:
    """By department: the rights that the actor holds there."""
    names = sorted(action.name for action in rights_on(DEPARTMENT))
    parts = [
        Department.visible.allowed(actor, name).order_by().values_list("pk", Value(name)) for name in names
    ]  # one statement for all of them
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    for department_id, name in parts[0].union(*parts[1:], all=True) if actor.is_person else ():
        found[department_id].append(name)
    return found


def parents(found: list[Department]) -> dict[uuid.UUID, uuid.UUID | None]:
    """By department: the one above it, where that is among the given ones."""
    by_path = {item.path: item.pk for item in found}
    return {item.pk: by_path.get(item.path[: -Department.steplen]) for item in found}


def workspaces_in(actor: Actor, department: Department) -> WorkspaceQuerySet:
    """Those of one department, archived ones too, that the actor may open or manage."""
    managed = Workspace.objects.allowed(actor, "workspace.manage")
    return (
        (Workspace.objects.visible_to(actor) | managed)
        .select_related("department")
        .filter(department=department)
        .order_by("name")
    )


def memberships(actor: Actor, department: Department, *, subtree: bool = False) -> QuerySet[Membership]:
    """Who has which role at a department whose people the actor manages, and below it if asked; oldest first."""
    managed = Department.visible.allowed(actor, "membership.manage")
    where = Q(department__path__startswith=department.path) if subtree else Q(department=department)
    found = Membership.objects.filter(where, department__in=managed)
    return found.select_related("person", "department", "role").order_by("created_at", "pk")


def membership_in(actor: Actor, department: Department, membership_id: uuid.UUID) -> Membership:
    """Raises NotFound."""
    found = memberships(actor, department).filter(pk=membership_id).first()
    if found is None:
        raise NotFound
    return found


def require_role_at(department: Department, person: User) -> None:
    """Raises NotFound: the person has no role at this very department."""
    if not Membership.objects.filter(department=department, person=person).exists():
        raise NotFound(_("This person has no role here."))


def people_of_workspace(workspace: Workspace) -> QuerySet[User]:
    """Who may open it now, oldest account first. The caller has checked that the asker gives rights there."""
    return who_may("workspace.view", workspace).order_by("date_joined", "pk")


def roles(actor: Actor) -> QuerySet[Role]:
    """Raises Forbidden: the actor gives roles nowhere."""
    require_anywhere(actor, "membership.manage")
    return Role.objects.prefetch_related("actions").order_by("name")


def role_called(role_id: uuid.UUID) -> Role:
    """Raises NotFound."""
    found = Role.objects.prefetch_related("actions").filter(pk=role_id).first()
    if found is None:
        raise NotFound(_("There is no such role."))
    return found


def departments_of(person: User) -> QuerySet[Membership]:
    return Membership.objects.filter(person=person).select_related("department", "role")


def workspaces_after(found: WorkspaceQuerySet, path: str, name: str) -> WorkspaceQuerySet:
    """The part of a list of ``workspaces`` that comes after that department's workspace of that name."""
    return found.filter(Q(department__path__gt=path) | Q(department__path=path, name__gt=name))


def workspaces_to_ask_in(actor: Actor) -> set[uuid.UUID]:
    """Those of them in which the actor may begin a conversation with a question."""
    found = Workspace.objects.visible_to(actor).allowed(actor, "conversation.create").allowed(actor, "message.ask")
    return set(found.values_list("pk", flat=True))


def workspaces_in_sight(actor: Actor, ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Of these workspaces: those that the actor administers or may open."""
    if not ids or actor.is_platform_administrator:
        return ids
    managed = Workspace.objects.allowed(actor, "grant.manage") | Workspace.objects.allowed(actor, "workspace.manage")
    seen = managed | Workspace.objects.visible_to(actor)
    return set(seen.filter(pk__in=ids).values_list("pk", flat=True))
