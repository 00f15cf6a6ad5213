"""`/api/files`: files for questions, the state of their reading, and their pages as a model gets to see them."""

import uuid
from pathlib import Path
from typing import Annotated

from django.http import FileResponse, HttpRequest
from ninja import File as Uploaded
from ninja import Form, Router, UploadedFile
from ninja.responses import Status
from pydantic import Field

from portal.accounts.door import actor_of
from portal.api.refusals import REFUSALS
from portal.api.session import BrowserSession
from portal.api.shapes import FileOut, FilePageOut, Page
from portal.core.declare import declares
from portal.core.errors import NotFound
from portal.files.access import file_for_view
from portal.files.choices import FileState
from portal.files.models import File
from portal.files.problems import problem
from portal.files.selectors import pages
from portal.files.services.upload import remove, upload
from portal.files.storage import path_of, view_path_of

router = Router()

MOST_PAGES = 20

# Whatever a file holds, it is not the browser's to run: it is downloaded, never shown, and if it were shown, nothing
# in it could run, load or talk to this page.
INERT = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@router.post("", response={201: FileOut, **REFUSALS}, auth=BrowserSession("multipart/form-data"))
@declares("file.upload")
def add_file(
    request: HttpRequest,
    file: Annotated[UploadedFile, Uploaded()],
    workspace: Annotated[uuid.UUID | None, Form()] = None,
) -> Status[FileOut]:
    """Keep a file for a question; it is read at once, and `GET` says how far that is.

    Without a workspace the file is for the first in which the caller may ask.
    """
    kept = upload(actor_of(request), file.name or "", file.chunks(), file.size or 0, workspace)
    return Status(201, file_out(kept))


@router.get("/{uuid:file_id}", response={200: FileOut, **REFUSALS})
@declares("file.view")
def read_file(request: HttpRequest, file_id: uuid.UUID) -> FileOut:
    return file_out(file_for_view(actor_of(request), file_id))


@router.get("/{uuid:file_id}/pages", response={200: Page[FilePageOut], **REFUSALS})
@declares("file.view")
def read_pages(
    request: HttpRequest,
    file_id: uuid.UUID,
    after: Annotated[int, Field(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST_PAGES)] = 5,
) -> Page[FilePageOut]:
    """The pages that follow number `after`; `next` is the `after` of those that come then."""
    file = file_for_view(actor_of(request), file_id)
    found = pages(file, after=after, limit=limit)
    items = [
        FilePageOut(
            number=page.number, title=page.title, text=page.text, characters=page.characters, tokens=page.tokens
        )
        for page in found
    ]
    more = str(found[-1].number) if found and found[-1].number < file.page_count else None
    return Page(items=items, next=more)


@router.get("/{uuid:file_id}/original", response=REFUSALS)
@declares("file.download")
def download(request: HttpRequest, file_id: uuid.UUID) -> FileResponse:
    """The file as it was uploaded, to be saved and not to be shown."""
    file = file_for_view(actor_of(request), file_id)
    return _sent(path_of(file.stored_as), file.name, "application/octet-stream", as_attachment=True)


@router.get("/{uuid:file_id}/view", response=REFUSALS)
@declares("file.view")
def picture(request: HttpRequest, file_id: uuid.UUID) -> FileResponse:
    """A small JPEG of an image, made anew: nothing of the uploaded file but its pixels."""
    file = file_for_view(actor_of(request), file_id)
    if not file.has_view:
        raise NotFound
    return _sent(view_path_of(file.stored_as), "picture.jpg", "image/jpeg", as_attachment=False)


@router.delete("/{uuid:file_id}", response={204: None, **REFUSALS})
@declares("file.remove")
def remove_file(request: HttpRequest, file_id: uuid.UUID) -> Status[None]:
    """Before it is attached; afterwards it goes with its conversation."""
    remove(actor_of(request), file_id)
    return Status(204, None)


def _sent(path: Path, name: str, kind: str, *, as_attachment: bool) -> FileResponse:
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        raise NotFound from None
    return FileResponse(opened, as_attachment=as_attachment, filename=name, content_type=kind, headers=INERT)


def file_out(file: File) -> FileOut:
    return FileOut(
        id=file.pk,
        name=file.name,
        size=file.size,
        sha256=file.sha256,
        kind=file.kind,
        state=file.state,
        pages=file.page_count,
        characters=file.characters,
        tokens=file.tokens,
        has_view=file.has_view,
        error_code=file.error_code,
        problem=problem(file.error_code) if file.state == FileState.FAILED else "",
        created_at=file.created_at,
    )
