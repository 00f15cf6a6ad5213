import uuid
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router

from portal.accounts.door import actor_of
from portal.api.refusals import REFUSALS
from portal.chat.export.services import Branches, export_conversation
from portal.core.declare import declares

router = Router()


@router.get(
    "/{uuid:conversation_id}/export",
    url_name="export_conversation",
    response=REFUSALS,
    openapi_extra={
        "responses": {
            200: {
                "description": "OK",
                "content": {"text/markdown": {}, "application/json": {}, "application/pdf": {}},
            }
        }
    },
)
@declares("conversation.export")
def export(
    request: HttpRequest,
    conversation_id: uuid.UUID,
    format: Literal["markdown", "json", "pdf"] = "markdown",
    branches: Branches = "shown",
) -> HttpResponse:
    """A conversation as a file: the branch that is shown, or all of them."""
    made = export_conversation(actor_of(request), conversation_id, format, branches)
    headers = {
        "Content-Disposition": made.disposition,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        # Whatever a browser takes it for, it runs nothing.
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return HttpResponse(made.content, content_type=made.media_type, headers=headers)
