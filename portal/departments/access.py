"""The door to departments and workspaces: what the actor may not see is missing."""

import uuid

from django.utils.translation import gettext as _

from portal.audit.scene import because, because_of_department
from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound, Sealed
from portal.core.prepared import VisibleRow
from portal.departments.authority import require_at
from portal.departments.models import Department, DepartmentQuerySet, Workspace

_visible = VisibleRow(
    lambda actor, pk: Workspace.objects.visible_to(actor).with_reason(actor, "workspace.view").filter(pk=pk).order_by()
)
_startable = VisibleRow(
    lambda actor, pk: (
        Workspace.objects.visible_to(actor)
        .allowed(actor, "conversation.create")
        .with_reason(actor, "conversation.create")
        .filter(pk=pk)
        .order_by()
    )
)
_askable = VisibleRow(
    lambda actor, pk: (
        Workspace.objects.visible_to(actor)
        .allowed(actor, "conversation.create")
        .allowed(actor, "message.ask")
        .with_reason(actor, "conversation.create")
        .filter(pk=pk)
        .order_by()
    )
)


def workspace_for_view(actor: Actor, workspace_id: uuid.UUID) -> Workspace:
    """Raises NotFound; Sealed where a platform administrator names one that is there and not his to use."""
    found = _visible.get(actor, workspace_id)
    if found is None:
        if actor.is_platform_administrator and Workspace.objects.filter(pk=workspace_id).exists():
            raise Sealed(details={"workspace": str(workspace_id)})
        raise NotFound
    because(found.allowed_by)
    return found


def workspace_for_conversation(actor: Actor, workspace_id: uuid.UUID, *, asking: bool) -> Workspace:
    """One in which the actor may start a conversation, and ask. Raises NotFound; Forbidden where he may only look."""
    found = (_askable if asking else _startable).get(actor, workspace_id)
    if found is None:
        workspace_for_view(actor, workspace_id)
        raise Forbidden(_("You may open this workspace, but not begin a conversation in it."))
    because(found.allowed_by)
    return found


def department_for_view(actor: Actor, department_id: uuid.UUID) -> Department:
    """Raises NotFound."""
    found = Department.visible.visible_to(actor).filter(pk=department_id).first()
    if found is None:
        raise NotFound
    because_of_department(actor)
    return found


def department_for(actor: Actor, department_id: uuid.UUID, right: str) -> Department:
    """One at which the actor holds the right. Raises NotFound; Forbidden where he only sees it."""
    found = department_for_view(actor, department_id)
    require_at(actor, right, found)
    return found


def workspace_for_administration(actor: Actor, workspace_id: uuid.UUID) -> Workspace:
    """One that the actor may open, or whose frame he administers: its name, place and rights, not what is in it.

    Raises NotFound.
    """
    if not actor.is_person:
        raise NotFound
    known = Workspace.objects.visible_to(actor)
    for right in ("workspace.manage", "grant.manage"):
        known |= Workspace.objects.allowed(actor, right)
    found = known.with_reason(actor, "workspace.view", "workspace.manage", "grant.manage")
    return _known(found.select_related("department").filter(pk=workspace_id).first())


def require_anywhere(actor: Actor, right: str) -> DepartmentQuerySet:
    """The departments at which the actor holds the right. Raises Forbidden: there is none."""
    found = Department.visible.allowed(actor, right)
    if not (actor.is_platform_administrator or found.exists()):
        raise Forbidden
    because_of_department(actor, right)
    return found


def _known(found: Workspace | None) -> Workspace:
    if found is None:
        raise NotFound
    because(found.allowed_by)
    return found
