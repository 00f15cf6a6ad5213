"""Through what a person comes to see workspaces, for many of them at once."""

import uuid

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.departments.models import Membership, Workspace, WorkspaceGrant, WorkspaceSubjectGrant

VIEW = "workspace.view"


def reasons_of(person: User, workspaces: list[Workspace]) -> dict[uuid.UUID, list[str]]:
    """By workspace: what gives the person the right to open it, in plain words; in three queries."""
    found: dict[uuid.UUID, list[str]] = {workspace.pk: [] for workspace in workspaces}
    memberships = list(Membership.objects.filter(person=person).select_related("department", "role"))
    viewing = set(Membership.objects.filter(person=person, role__actions__action=VIEW).values_list("pk", flat=True))
    for workspace in workspaces:
        for one in memberships:
            if one.pk in viewing and workspace.department.path.startswith(one.department.path):
                found[workspace.pk].append(
                    _("%(role)s at %(department)s") % {"role": one.role.name, "department": one.department.name}
                )
    here = Q(content_object__in=found, permission__codename=VIEW)
    for workspace_id in WorkspaceGrant.objects.filter(here, user=person).values_list("content_object", flat=True):
        found[workspace_id].append(_("given to the person"))
    groups = WorkspaceSubjectGrant.objects.filter(here).select_related("group__role", "group__department")
    for grant in groups:
        name = _through(grant.group, memberships)
        if name:
            found[grant.content_object_id].append(name)
    return found


def _through(group: object, memberships: list[Membership]) -> str:
    """The role or department by which a grant reaches somebody with these memberships; empty where it does not."""
    role, department = getattr(group, "role", None), getattr(group, "department", None)
    if role is not None and any(one.role_id == role.pk for one in memberships):
        return _("given to the role %(role)s") % {"role": role.name}
    if department is not None and any(one.department.path.startswith(department.path) for one in memberships):
        return _("given to the people of %(department)s") % {"department": department.name}
    return ""
