"""From rows to the shapes of the administration on `/api`."""

from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.invitations import Invitation
from portal.accounts.models import User
from portal.api.administration.shapes import (
    DenialOut,
    GrantOut,
    InvitationOut,
    MembershipOut,
    PersonOut,
    RoleOut,
    RoleRef,
    SubjectOut,
    WorkspaceFrame,
)
from portal.api.shapes import DepartmentRef, WorkspaceOut
from portal.departments.models import Membership, Role, Workspace
from portal.departments.on_object import StandingDenial, StandingGrant
from portal.departments.subjects import Subject, kind_of_subject
from portal.departments.targets import name_of_subject


def person_out(person: User) -> PersonOut:
    return PersonOut(id=person.pk, username=person.username, name=person.display_name(), active=person.is_active)


def membership_out(membership: Membership) -> MembershipOut:
    return MembershipOut(
        id=membership.pk,
        person=person_out(membership.person),
        department=membership.department_id,
        role=RoleRef(id=membership.role_id, name=membership.role.name),
        since=membership.created_at,
    )


def invitation_out(request: HttpRequest, made: tuple[User, Invitation]) -> InvitationOut:
    person, invitation = made
    path = reverse("invitation", args=(invitation.uid, invitation.token))
    return InvitationOut(person=person_out(person), link=request.build_absolute_uri(path))


def workspace_frame(workspace: Workspace) -> WorkspaceFrame:
    return WorkspaceFrame(
        id=workspace.pk,
        name=workspace.name,
        purpose=workspace.purpose,
        department=workspace.department_id,
        archived=workspace.archived,
    )


def workspace_out(row: Workspace) -> WorkspaceOut:
    department = DepartmentRef(id=row.department.pk, name=row.department.name, depth=row.department.depth)
    return WorkspaceOut(id=row.pk, name=row.name, purpose=row.purpose, department=department)


def role_out(role: Role) -> RoleOut:
    rights = sorted(item.action for item in role.actions.all())
    return RoleOut(id=role.pk, name=role.name, description=role.description, rights=rights, builtin=bool(role.key))


def subject_out(subject: Subject) -> SubjectOut:
    return SubjectOut(kind=kind_of_subject(subject), id=subject.pk, name=name_of_subject(subject))


def grant_out(grant: StandingGrant) -> GrantOut:
    return GrantOut(subject=subject_out(grant.subject), rights=list(grant.rights))


def denial_out(denial: StandingDenial) -> DenialOut:
    return DenialOut(
        id=denial.id, subject=subject_out(denial.subject), right=denial.right or None, reason=denial.reason
    )
