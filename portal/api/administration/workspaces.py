"""`/api/workspaces`: their frames. What is in a workspace is not for administrators."""

import uuid
from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from portal.accounts.door import actor_of
from portal.api.administration.present import person_out, workspace_frame, workspace_out
from portal.api.administration.previews import PreviewOut, preview_out
from portal.api.administration.shapes import PersonOut, WorkspaceFrame, WorkspaceIn, WorkspacePatch
from portal.api.cursor import decode_place, encode_place
from portal.api.pages import LENGTH, page_of
from portal.api.refusals import REFUSALS
from portal.api.shapes import Page, WorkspaceOut
from portal.core.declare import declares
from portal.departments.access import department_for_view, workspace_for_administration
from portal.departments.preview import reach_of_workspace
from portal.departments.selectors import people_of_workspace, workspaces, workspaces_after
from portal.departments.services.changes import WorkspaceChange, change_workspace_frame
from portal.departments.services.workspaces import create_workspace
from portal.departments.targets import workspace_for_grants

router = Router()


@router.get("", response={200: Page[WorkspaceOut], **REFUSALS})
@declares("workspace.list")
def list_workspaces(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Field(ge=1, le=LENGTH)] = LENGTH
) -> Page[WorkspaceOut]:
    found = workspaces(actor_of(request))
    if cursor:
        found = workspaces_after(found, *decode_place(cursor, 2))
    rows = list(found[: limit + 1])
    shown = rows[:limit]
    more = encode_place(shown[-1].department.path, shown[-1].name) if len(rows) > limit else None
    return Page(items=[workspace_out(row) for row in shown], next=more)


@router.post("", response={201: WorkspaceFrame, **REFUSALS})
@declares("workspace.manage")
def add_workspace(request: HttpRequest, body: WorkspaceIn) -> Status[WorkspaceFrame]:
    actor = actor_of(request)
    department = department_for_view(actor, body.department)
    return Status(201, workspace_frame(create_workspace(actor, department, body.name, body.purpose)))


@router.get("/{uuid:workspace_id}", response={200: WorkspaceFrame, **REFUSALS})
@declares("workspace.read")
def read_workspace(request: HttpRequest, workspace_id: uuid.UUID) -> WorkspaceFrame:
    return workspace_frame(workspace_for_administration(actor_of(request), workspace_id))


@router.patch("/{uuid:workspace_id}", response={200: WorkspaceFrame | PreviewOut, **REFUSALS})
@declares("workspace.manage")
def patch_workspace(
    request: HttpRequest, workspace_id: uuid.UUID, body: WorkspacePatch, dry_run: bool = False
) -> WorkspaceFrame | PreviewOut:
    actor = actor_of(request)
    workspace = workspace_for_administration(actor, workspace_id)
    department = None if body.department is None else department_for_view(actor, body.department)
    change = WorkspaceChange(body.name, body.purpose, department, body.archived)
    if dry_run:
        return preview_out(reach_of_workspace(workspace), lambda: change_workspace_frame(actor, workspace, change))
    change_workspace_frame(actor, workspace, change)
    workspace.refresh_from_db()
    return workspace_frame(workspace)


@router.get("/{uuid:workspace_id}/people", response={200: Page[PersonOut], **REFUSALS})
@declares("grant.manage")
def list_openers(request: HttpRequest, workspace_id: uuid.UUID, cursor: str = "") -> Page[PersonOut]:
    """Who may open it now, for those who give rights on it."""
    workspace = workspace_for_grants(actor_of(request), workspace_id)
    return page_of(people_of_workspace(workspace), cursor, "date_joined", person_out)
