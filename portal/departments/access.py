"""The door to departments and workspaces: what the actor may not see is missing."""

import uuid

from portal.core.actor import Actor
from portal.core.errors import NotFound
from portal.core.prepared import VisibleRow
from portal.departments.models import Workspace

_visible = VisibleRow(lambda actor, pk: Workspace.objects.visible_to(actor).filter(pk=pk).order_by())


def workspace_for_use(actor: Actor, workspace_id: uuid.UUID) -> Workspace:
    """Raises NotFound."""
    found = _visible.get(actor, workspace_id)
    if found is None:
        raise NotFound
    return found
