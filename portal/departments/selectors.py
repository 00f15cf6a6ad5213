import uuid

from django.db.models import Q

from portal.core.actor import Actor
from portal.departments.models import Department, DepartmentQuerySet, Workspace, WorkspaceQuerySet


def departments(actor: Actor) -> DepartmentQuerySet:
    return Department.visible.visible_to(actor).order_by("path")


def workspaces(actor: Actor) -> WorkspaceQuerySet:
    """Those that the actor may use, in the order of the tree."""
    return Workspace.objects.visible_to(actor).select_related("department").order_by("department__path", "name")


def workspaces_after(found: WorkspaceQuerySet, path: str, name: str) -> WorkspaceQuerySet:
    """The part of a list of ``workspaces`` that comes after that department's workspace of that name."""
    return found.filter(Q(department__path__gt=path) | Q(department__path=path, name__gt=name))


def workspaces_to_ask_in(actor: Actor) -> set[uuid.UUID]:
    """Those of them in which the actor may begin a conversation with a question."""
    found = Workspace.objects.visible_to(actor).allowed(actor, "conversation.create").allowed(actor, "message.ask")
    return set(found.values_list("pk", flat=True))
