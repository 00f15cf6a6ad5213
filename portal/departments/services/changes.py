"""Several changes of one department or workspace at once: all of them, or none."""

from dataclasses import dataclass

from django.db import transaction

from portal.core.actor import Actor
from portal.departments.models import Department, Workspace
from portal.departments.services.tree import move_department, rename_department
from portal.departments.services.workspaces import archive_workspace, change_workspace, move_workspace


@dataclass(frozen=True, slots=True)
class DepartmentChange:
    """What is None stays; ``moves`` says whether ``parent`` counts, since None is the top of the tree."""

    name: str | None = None
    moves: bool = False
    parent: Department | None = None


@dataclass(frozen=True, slots=True)
class WorkspaceChange:
    name: str | None = None
    purpose: str | None = None
    department: Department | None = None
    archived: bool | None = None


@transaction.atomic
def change_department(actor: Actor, department: Department, change: DepartmentChange) -> None:
    """Raises as ``rename_department`` and ``move_department`` do."""
    if change.name is not None:
        rename_department(actor, department, change.name)
    if change.moves:
        move_department(actor, department, change.parent)


@transaction.atomic
def change_workspace_frame(actor: Actor, workspace: Workspace, change: WorkspaceChange) -> None:
    """Raises as ``change_workspace``, ``move_workspace`` and ``archive_workspace`` do."""
    if change.department is not None:
        move_workspace(actor, workspace, change.department)
    if change.name is not None or change.purpose is not None:
        name = workspace.name if change.name is None else change.name
        purpose = workspace.purpose if change.purpose is None else change.purpose
        change_workspace(actor, workspace, name, purpose)
    if change.archived is not None:
        archive_workspace(actor, workspace, change.archived)
