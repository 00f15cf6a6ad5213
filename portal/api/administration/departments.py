"""`/api/departments`: the tree, and the people in it."""

import uuid

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.accounts.selectors import person_called
from portal.api.administration.present import invitation_out, membership_out, workspace_frame
from portal.api.administration.previews import PreviewOut, preview_out
from portal.api.administration.shapes import (
    DepartmentIn,
    DepartmentOut,
    DepartmentPatch,
    InvitationIn,
    InvitationOut,
    MembershipIn,
    MembershipOut,
    MoveIn,
    WorkspaceFrame,
)
from portal.api.pages import page_of
from portal.api.refusals import REFUSALS
from portal.api.shapes import Page
from portal.core.actor import Actor
from portal.core.declare import declares
from portal.departments.access import department_for, department_for_view
from portal.departments.models import Department
from portal.departments.preview import reach_of_department, reach_of_person
from portal.departments.selectors import (
    departments,
    membership_in,
    memberships,
    parents,
    require_role_at,
    rights_in_departments,
    role_called,
    workspaces_in,
)
from portal.departments.services.changes import DepartmentChange, change_department
from portal.departments.services.invitations import invite_with_link
from portal.departments.services.memberships import give_role, move_person, take_role
from portal.departments.services.tree import create_department, remove_department

router = Router()


def department_list(actor: Actor) -> list[DepartmentOut]:
    found = list(departments(actor))
    above, rights = parents(found), rights_in_departments(actor)
    return [
        DepartmentOut(
            id=item.pk, name=item.name, depth=item.depth, parent=above[item.pk], rights=rights.get(item.pk, [])
        )
        for item in found
    ]


def department_out(actor: Actor, department: Department) -> DepartmentOut:
    """Read again: its place decides about the rights there."""
    return next(item for item in department_list(actor) if item.id == department.pk)


@router.get("", response={200: Page[DepartmentOut], **REFUSALS})
@declares("department.list")
def list_departments(request: HttpRequest) -> Page[DepartmentOut]:
    """The whole tree, each department after the one above it, with one's rights there."""
    return Page(items=department_list(actor_of(request)))


@router.post("", response={201: DepartmentOut, **REFUSALS})
@declares("department.manage")
def add_department(request: HttpRequest, body: DepartmentIn) -> Status[DepartmentOut]:
    actor = actor_of(request)
    parent = None if body.parent is None else department_for_view(actor, body.parent)
    return Status(201, department_out(actor, create_department(actor, body.name, parent)))


@router.patch("/{uuid:department_id}", response={200: DepartmentOut | PreviewOut, **REFUSALS})
@declares("department.manage")
def patch_department(
    request: HttpRequest, department_id: uuid.UUID, body: DepartmentPatch, dry_run: bool = False
) -> DepartmentOut | PreviewOut:
    actor = actor_of(request)
    department = department_for_view(actor, department_id)
    parent = None if body.parent is None else department_for_view(actor, body.parent)
    change = DepartmentChange(body.name, "parent" in body.model_fields_set, parent)
    if dry_run:
        return preview_out(reach_of_department(department), lambda: change_department(actor, department, change))
    change_department(actor, department, change)
    return department_out(actor, department)


@router.delete("/{uuid:department_id}", response={200: PreviewOut, 204: None, **REFUSALS})
@declares("department.manage")
def delete_department(
    request: HttpRequest, department_id: uuid.UUID, into: uuid.UUID | None = None, dry_run: bool = False
) -> Status[PreviewOut] | Status[None]:
    """What it holds goes `into` another one; without that it must be empty."""
    actor = actor_of(request)
    department = department_for_view(actor, department_id)
    target = None if into is None else department_for_view(actor, into)
    if dry_run:
        reach = reach_of_department(department)
        return Status(200, preview_out(reach, lambda: remove_department(actor, department, into=target)))
    remove_department(actor, department, into=target)
    return Status(204, None)


@router.get("/{uuid:department_id}/workspaces", response={200: Page[WorkspaceFrame], **REFUSALS})
@declares("workspace.read")
def list_workspaces_in(request: HttpRequest, department_id: uuid.UUID) -> Page[WorkspaceFrame]:
    """Those of this department, archived ones too, that one may open or manage."""
    actor = actor_of(request)
    found = workspaces_in(actor, department_for_view(actor, department_id))
    return Page(items=[workspace_frame(item) for item in found])


@router.get("/{uuid:department_id}/people", response={200: Page[MembershipOut], **REFUSALS})
@declares("membership.manage")
def list_people(
    request: HttpRequest, department_id: uuid.UUID, subtree: bool = False, cursor: str = ""
) -> Page[MembershipOut]:
    actor = actor_of(request)
    department = department_for(actor, department_id, "membership.manage")
    return page_of(memberships(actor, department, subtree=subtree), cursor, "created_at", membership_out)


@router.post("/{uuid:department_id}/memberships", response={200: PreviewOut, 201: MembershipOut, **REFUSALS})
@declares("membership.manage")
def add_membership(
    request: HttpRequest, department_id: uuid.UUID, body: MembershipIn, dry_run: bool = False
) -> Status[PreviewOut] | Status[MembershipOut]:
    actor = actor_of(request)
    department = department_for(actor, department_id, "membership.manage")
    person, role = person_called(body.person), role_called(body.role)
    if dry_run:
        return Status(200, preview_out(reach_of_person(person), lambda: give_role(actor, person, department, role)))
    return Status(201, membership_out(give_role(actor, person, department, role)))


@router.delete(
    "/{uuid:department_id}/memberships/{uuid:membership_id}", response={200: PreviewOut, 204: None, **REFUSALS}
)
@declares("membership.manage")
def delete_membership(
    request: HttpRequest, department_id: uuid.UUID, membership_id: uuid.UUID, dry_run: bool = False
) -> Status[PreviewOut] | Status[None]:
    actor = actor_of(request)
    department = department_for(actor, department_id, "membership.manage")
    found = membership_in(actor, department, membership_id)
    person, role = found.person, found.role
    if dry_run:
        return Status(200, preview_out(reach_of_person(person), lambda: take_role(actor, person, department, role)))
    take_role(actor, person, department, role)
    return Status(204, None)


@router.post("/{uuid:department_id}/moves", response={200: PreviewOut, 204: None, **REFUSALS})
@declares("membership.manage")
def move_between(
    request: HttpRequest, department_id: uuid.UUID, body: MoveIn, dry_run: bool = False
) -> Status[PreviewOut] | Status[None]:
    """The roles of a person at this department become his at another."""
    actor = actor_of(request)
    source = department_for(actor, department_id, "membership.manage")
    target = department_for(actor, body.to, "membership.manage")
    person = person_called(body.person)
    require_role_at(source, person)
    if dry_run:
        return Status(200, preview_out(reach_of_person(person), lambda: move_person(actor, person, source, target)))
    move_person(actor, person, source, target)
    return Status(204, None)


@router.post("/{uuid:department_id}/invitations", response={201: InvitationOut, **REFUSALS})
@declares("membership.manage")
def invite(request: HttpRequest, department_id: uuid.UUID, body: InvitationIn) -> Status[InvitationOut]:
    """A new person. The link is shown here and nowhere else; it opens once, for three days."""
    actor = actor_of(request)
    department = department_for(actor, department_id, "membership.manage")
    values = body.model_dump(exclude={"role"})
    made = invite_with_link(actor, values, department, role_called(body.role))
    return Status(201, invitation_out(request, made))
