"""The door to departments and workspaces: what the actor may not see is missing."""

import uuid

from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound, Sealed
from portal.core.prepared import VisibleRow
from portal.departments.models import Workspace

_visible = VisibleRow(lambda actor, pk: Workspace.objects.visible_to(actor).filter(pk=pk).order_by())
_startable = VisibleRow(
    lambda actor, pk: Workspace.objects.visible_to(actor).allowed(actor, "conversation.create").filter(pk=pk).order_by()
)
_askable = VisibleRow(
    lambda actor, pk: (
        Workspace.objects.visible_to(actor)
        .allowed(actor, "conversation.create")
        .allowed(actor, "message.ask")
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
    return found


def workspace_for_conversation(actor: Actor, workspace_id: uuid.UUID, *, asking: bool) -> Workspace:
    """One in which the actor may start a conversation, and ask. Raises NotFound; Forbidden where he may only look."""
    found = (_askable if asking else _startable).get(actor, workspace_id)
    if found is None:
        workspace_for_view(actor, workspace_id)
        raise Forbidden("You may open this workspace, but not begin a conversation in it.")
    return found
