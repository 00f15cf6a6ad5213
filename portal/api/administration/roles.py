"""`/api/roles` and `/api/rights`: what can be given at departments."""

import uuid

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.api.administration.present import role_out
from portal.api.administration.previews import PreviewOut, foreseen
from portal.api.administration.shapes import RightOut, RoleIn, RoleOut, RolePatch
from portal.api.refusals import REFUSALS
from portal.api.shapes import Page
from portal.core.catalogue import RIGHTS
from portal.core.declare import declares
from portal.departments.authority import require_platform
from portal.departments.preview import reach_of_role
from portal.departments.selectors import role_called, roles
from portal.departments.services.roles import change_role, create_role, remove_role

router = Router()


@router.get("/rights", response={200: Page[RightOut], **REFUSALS})
@declares("right.list")
def list_rights(request: HttpRequest) -> Page[RightOut]:
    return Page(
        items=[
            RightOut(
                name=right.name,
                description=_(right.description),
                kinds=list(right.on),
                administrative=right.administrative,
            )
            for right in RIGHTS.values()
        ]
    )


@router.get("/roles", response={200: Page[RoleOut], **REFUSALS})
@declares("role.list")
def list_roles(request: HttpRequest) -> Page[RoleOut]:
    return Page(items=[role_out(role) for role in roles(actor_of(request))])


@router.post("/roles", response={201: RoleOut, **REFUSALS})
@declares("role.manage")
def add_role(request: HttpRequest, body: RoleIn) -> Status[RoleOut]:
    return Status(201, role_out(create_role(actor_of(request), body.name, body.rights, body.description)))


@router.patch("/roles/{uuid:role_id}", response={200: RoleOut | PreviewOut, **REFUSALS})
@declares("role.manage")
def patch_role(
    request: HttpRequest, role_id: uuid.UUID, body: RolePatch, dry_run: bool = False
) -> RoleOut | PreviewOut:
    """Counts at once for everybody who holds the role."""
    actor = actor_of(request)
    require_platform(actor)
    role = role_called(role_id)
    current = role_out(role)
    name = current.name if body.name is None else body.name
    rights = current.rights if body.rights is None else body.rights
    description = current.description if body.description is None else body.description
    if dry_run:
        return foreseen(actor, reach_of_role(role), lambda: change_role(actor, role, name, rights, description))
    change_role(actor, role, name, rights, description)
    return role_out(role_called(role_id))


@router.delete("/roles/{uuid:role_id}", response={204: None, **REFUSALS})
@declares("role.manage")
def delete_role(request: HttpRequest, role_id: uuid.UUID) -> Status[None]:
    """Only while nobody holds it."""
    actor = actor_of(request)
    require_platform(actor)
    remove_role(actor, role_called(role_id))
    return Status(204, None)
