"""The door to prompts: of what one may not use or manage there is none."""

import uuid

from django.utils.translation import gettext as _

from portal.audit.scene import because, because_of_department
from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound
from portal.departments.models import Workspace
from portal.prompts.models import Prompt
from portal.prompts.selectors import Wanted, prompts


def prompt_for_view(actor: Actor, prompt_id: uuid.UUID) -> Prompt:
    """Raises NotFound."""
    found = prompts(actor, Wanted(), managed=True).filter(pk=prompt_id).first() if actor.is_person else None
    if found is None:
        raise NotFound
    _because_of_place(actor, found)
    return found


def prompt_for_change(actor: Actor, prompt_id: uuid.UUID) -> Prompt:
    """Raises NotFound; Forbidden where the actor may only use it."""
    found = prompt_for_view(actor, prompt_id)
    if not found.may_change:
        raise Forbidden(
            _("You may use this prompt, but not change it. Copy it, and change the copy."), code="not_yours"
        )
    return found


def _because_of_place(actor: Actor, prompt: Prompt) -> None:
    if prompt.workspace_id is not None:
        place = Workspace.objects.with_reason(actor, "workspace.view", "workspace.manage")
        because(place.get(pk=prompt.workspace_id).allowed_by)
    elif prompt.department_id is not None:
        because_of_department(actor, "department.manage" if prompt.may_change else "conversation.view")
    else:
        because("owner")
