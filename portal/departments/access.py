"""The door to departments and workspaces: what the actor may not see is missing."""

import uuid

from portal.core.actor import Actor
from portal.core.errors import NotFound
from portal.departments.models import Workspace


def workspace_for_use(actor: Actor, workspace_id: uuid.UUID) -> Workspace:
    """Raises NotFound."""
    found = Workspace.objects.visible_to(actor).select_related("department").filter(pk=workspace_id).first()
    if found is None:
        raise NotFound
    return found
