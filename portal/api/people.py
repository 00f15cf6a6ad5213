from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router
from pydantic import Field

from portal.accounts.door import actor_of, signed_in_user
from portal.api.cursor import decode_place, encode_place
from portal.api.export import export_response
from portal.api.shapes import DepartmentOut, EngineOut, Error, Me, Page, WorkspaceOut
from portal.core.declare import declares
from portal.departments.models import Workspace
from portal.departments.selectors import departments, workspaces, workspaces_after
from portal.engines.selectors import engines
from portal.retention.services.export import export_person

router = Router()

PAGE = 100


@router.get("/me", response={200: Me, 401: Error})
@declares("profile.view")
def me(request: HttpRequest) -> Me:
    user = signed_in_user(request)
    return Me(id=user.pk, username=user.username, name=user.display_name(), platform_role=user.platform_role)


@router.get(
    "/me/export",
    url_name="export",
    response={401: Error},
    openapi_extra={"responses": {200: {"description": "OK", "content": {"application/zip": {}}}}},
)
@declares("person.export")
def export_me(request: HttpRequest) -> HttpResponseBase:
    """One's own data, as a ZIP of JSON lines."""
    actor = actor_of(request)
    return export_response(export_person(actor, actor.person_id), request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))


@router.get("/departments", response={200: Page[DepartmentOut], 401: Error})
@declares("department.list")
def list_departments(request: HttpRequest) -> Page[DepartmentOut]:
    found = departments(actor_of(request))
    return Page(items=[DepartmentOut(id=item.pk, name=item.name, depth=item.depth) for item in found])


@router.get("/workspaces", response={200: Page[WorkspaceOut], 400: Error, 401: Error})
@declares("workspace.list")
def list_workspaces(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Field(ge=1, le=PAGE)] = PAGE
) -> Page[WorkspaceOut]:
    found = workspaces(actor_of(request))
    if cursor:
        found = workspaces_after(found, *decode_place(cursor, 2))
    rows = list(found[: limit + 1])
    shown = rows[:limit]
    more = encode_place(shown[-1].department.path, shown[-1].name) if len(rows) > limit else None
    return Page(items=[_workspace_out(row) for row in shown], next=more)


def _workspace_out(row: Workspace) -> WorkspaceOut:
    department = DepartmentOut(id=row.department.pk, name=row.department.name, depth=row.department.depth)
    return WorkspaceOut(id=row.pk, name=row.name, purpose=row.purpose, department=department)


@router.get("/engines", response={200: Page[EngineOut], 401: Error})
@declares("engine.list")
def list_engines(request: HttpRequest) -> Page[EngineOut]:
    return Page(
        items=[
            EngineOut(
                id=item.pk,
                name=item.name,
                model=item.model,
                state=item.state,
                detail=item.detail,
                is_default=item.is_default,
                supports_thinking=item.supports_thinking,
                context_tokens=item.context_tokens,
            )
            for item in engines(actor_of(request))
        ]
    )
