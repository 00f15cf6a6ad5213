"""`/api/workspaces`: their frames. What is in a workspace is not for administrators."""

import uuid

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.api.administration.present import person_out, workspace_frame
from portal.api.administration.previews import PreviewOut, preview_out
from portal.api.administration.shapes import PersonOut, WorkspaceFrame, WorkspaceIn, WorkspacePatch
from portal.api.pages import page_of
from portal.api.refusals import REFUSALS
from portal.api.shapes import DepartmentRef, Page, WorkspaceOut
from portal.core.declare import declares
from portal.departments.access import department_for_view, workspace_for_administration
from portal.departments.preview import reach_of_workspace
from portal.departments.selectors import people_of_workspace, workspaces
from portal.departments.services.changes import WorkspaceChange, change_workspace_frame
from portal.departments.services.workspaces import create_workspace
from portal.departments.targets import workspace_for_grants

router = Router()


@router.get("", response={200: Page[WorkspaceOut], **REFUSALS})
@declares("workspace.list")
def list_workspaces(request: HttpRequest) -> Page[WorkspaceOut]:
    return Page(
        items=[
            WorkspaceOut(
                id=item.pk,
                name=item.name,
                purpose=item.purpose,
                department=DepartmentRef(id=item.department.pk, name=item.department.name, depth=item.department.depth),
            )
            for item in workspaces(actor_of(request))
        ]
    )


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
