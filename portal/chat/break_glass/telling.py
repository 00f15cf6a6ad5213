"""Telling the owners of conversations that somebody may read them, and why."""

import uuid
from collections.abc import Iterable

from portal.chat.break_glass.models import BreakGlass
from portal.notices.services import tell

NOTICE = "break_glass"


def tell_owners(request: BreakGlass, owners: Iterable[uuid.UUID]) -> None:
    """In the caller's transaction; ``request`` is approved. An owner is told once of one request."""
    assert request.decided_by is not None and request.expires_at is not None  # noqa: PT018, S101  # approved
    body = {
        "asker": request.asker.display_name(),
        "approver": request.decided_by.display_name(),
        "reason": request.reason,
        "until": request.expires_at.isoformat(),
        "scope": next(iter(request.scope)) if request.owner_id is None else "person",
        "workspace": request.workspace.name if request.workspace else "",
        "conversation": str(request.conversation_id or ""),
    }
    tell(owners, NOTICE, request.pk, body)
