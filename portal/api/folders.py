"""`/api/folders`: one's own, each of one workspace."""

import uuid

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.api.present import folder_out
from portal.api.refusals import REFUSALS
from portal.api.shapes import FolderIn, FolderNameIn, FolderOut, Page
from portal.chat.placing.selectors import folders
from portal.chat.placing.services import create_folder, delete_folder, rename_folder
from portal.core.declare import declares

router = Router()


@router.get("", response={200: Page[FolderOut], **REFUSALS})
@declares("folder.list")
def list_folders(request: HttpRequest, workspace: uuid.UUID) -> Page[FolderOut]:
    return Page(items=[folder_out(item) for item in folders(actor_of(request), workspace)])


@router.post("", response={201: FolderOut, **REFUSALS})
@declares("folder.change")
def post_folder(request: HttpRequest, body: FolderIn) -> Status[FolderOut]:
    return Status(201, folder_out(create_folder(actor_of(request), body.workspace, body.name)))


@router.patch("/{uuid:folder_id}", response={200: FolderOut, **REFUSALS})
@declares("folder.change")
def patch_folder(request: HttpRequest, folder_id: uuid.UUID, body: FolderNameIn) -> FolderOut:
    return folder_out(rename_folder(actor_of(request), folder_id, body.name))


@router.delete("/{uuid:folder_id}", response={204: None, **REFUSALS})
@declares("folder.change")
def remove_folder(request: HttpRequest, folder_id: uuid.UUID) -> Status[None]:
    """What lies in it is among the others again."""
    delete_folder(actor_of(request), folder_id)
    return Status(204, None)
