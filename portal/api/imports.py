"""`/api/imports`: conversations of other chat programs. The file is sent in pieces, one after the other."""

import datetime
import uuid
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from portal.accounts.door import actor_of
from portal.api.cursor import decode_cursor, encode_cursor
from portal.api.refusals import REFUSALS
from portal.api.session import BrowserSession
from portal.api.shapes import Page, Strict
from portal.chat.imports.models import Import
from portal.chat.imports.receiving import cancel_import, piece_size, receive, start_import
from portal.chat.imports.selectors import import_for_view, imports, imports_before, problems
from portal.core.declare import declares

router = Router()

PAGE = 30
PROBLEMS_A_PAGE = 100


class UploadIn(Strict):
    workspace: uuid.UUID
    name: str
    # In bytes.
    size: Annotated[int, Field(ge=0, le=2**50)]


class UploadOut(Schema):
    """``piece`` is the most bytes that one request brings; ``received`` is where the next one begins."""

    id: uuid.UUID
    workspace: uuid.UUID
    name: str
    state: str
    size: int
    received: int
    piece: int
    share: float
    imported: int
    unchanged: int
    failed: int
    messages: int
    files_left_out: int
    error_code: str
    created_at: datetime.datetime
    finished_at: datetime.datetime | None


class UploadProblemOut(Schema):
    number: int
    title: str
    code: str


@router.post("", response={201: UploadOut, **REFUSALS})
@declares("conversation.import")
def create_import(request: HttpRequest, body: UploadIn) -> Status[UploadOut]:
    return Status(201, import_out(start_import(actor_of(request), body.workspace, body.name, body.size)))


@router.get("", response={200: Page[UploadOut], **REFUSALS})
@declares("import.list")
def list_imports(request: HttpRequest, cursor: str = "") -> Page[UploadOut]:
    found = imports(actor_of(request))
    if cursor:
        found = imports_before(found, *decode_cursor(cursor))
    rows = list(found[: PAGE + 1])
    more = encode_cursor(rows[PAGE - 1].created_at, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return Page(items=[import_out(row) for row in rows[:PAGE]], next=more)


@router.get("/{uuid:import_id}", response={200: UploadOut, **REFUSALS})
@declares("import.list")
def read_import(request: HttpRequest, import_id: uuid.UUID) -> UploadOut:
    return import_out(import_for_view(actor_of(request), import_id))


@router.put(
    "/{uuid:import_id}/file",
    auth=BrowserSession("application/octet-stream"),
    response={200: UploadOut, **REFUSALS},
    openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}}},
)
@declares("conversation.import")
def receive_piece(
    request: HttpRequest, import_id: uuid.UUID, offset: Annotated[int, Field(ge=0, le=2**50)]
) -> UploadOut:
    """A piece of the file, from byte ``offset`` on. With the last one the import is queued."""
    return import_out(receive(actor_of(request), import_id, offset, request.body))


@router.get("/{uuid:import_id}/problems", response={200: Page[UploadProblemOut], **REFUSALS})
@declares("import.list")
def list_problems(
    request: HttpRequest, import_id: uuid.UUID, after: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
) -> Page[UploadProblemOut]:
    """Conversations of the file that could not be imported; ``next`` is the ``after`` of the next page."""
    found = import_for_view(actor_of(request), import_id)
    rows = list(problems(found, after)[: PROBLEMS_A_PAGE + 1])
    shown = rows[:PROBLEMS_A_PAGE]
    return Page(
        items=[UploadProblemOut(number=row.number, title=row.title, code=row.code) for row in shown],
        next=str(shown[-1].number) if len(rows) > PROBLEMS_A_PAGE else None,
    )


@router.post("/{uuid:import_id}/cancel", response={202: UploadOut, **REFUSALS})
@declares("import.cancel")
def cancel(request: HttpRequest, import_id: uuid.UUID) -> Status[UploadOut]:
    """What is imported already stays."""
    return Status(202, import_out(cancel_import(actor_of(request), import_id)))


def import_out(found: Import) -> UploadOut:
    return UploadOut(
        id=found.pk,
        workspace=found.workspace_id,
        name=found.name,
        state=found.state,
        size=found.size,
        received=found.received,
        piece=piece_size(),
        share=found.share,
        imported=found.imported,
        unchanged=found.unchanged,
        failed=found.failed,
        messages=found.messages,
        files_left_out=found.files_left_out,
        error_code=found.error_code,
        created_at=found.created_at,
        finished_at=found.finished_at,
    )
