"""What the model is told in a workspace. The journal's rows hold length and hash, and no content."""

import hashlib

from django.db import transaction

from portal.audit.journal import Target, record
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.catalogue import WORKSPACE
from portal.core.text import clean_text
from portal.departments.authority import require_on
from portal.departments.models import KINDS, Workspace
from portal.prompts.models import Instructions


@transaction.atomic
def set_instructions(actor: Actor, workspace: Workspace, text: str) -> str:
    """They count from the next answer on; an empty text takes them away. Returns them as they are stored.

    Raises:
        NotFound, Forbidden: the workspace is not the actor's to manage.
        Invalid, TooLarge: not a text, or more than the limit in force.
    """
    require_on(actor, "workspace.manage", KINDS[WORKSPACE], workspace, seen_by="workspace.view")
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    limit = live.whole_number("instructions_limit")
    plain = text.replace("\r\n", "\n")
    new = clean_text(plain, limit=limit, name="instructions") if plain.strip() else ""
    before = Instructions.objects.filter(workspace=workspace).first()
    if new == (before.text if before else ""):
        return new
    if new:
        Instructions.objects.update_or_create(workspace=workspace, defaults={"text": new})
    elif before is not None:
        before.delete()
    details = {
        "change": "set" if new else "removed",
        "characters": len(new),
        "sha256": hashlib.sha256(new.encode()).hexdigest() if new else "",
    }
    record(actor, "instructions.change", Target("workspace", workspace.pk), details=details)
    return new
