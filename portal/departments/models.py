import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.lookups import StartsWith
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase
from treebeard.mp_tree import MP_Node

from portal.core.actor import Actor
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.departments.choices import Role


class DepartmentQuerySet(ScopedQuerySet["Department"]):
    def _visible_to_person(self, actor: Actor) -> Self:
        return self.filter(Exists(memberships_above(actor, "path")))


class Department(MP_Node):
    """A node of the company's tree. ``path`` (treebeard) makes a subtree one prefix match."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)

    node_order_by = ["name"]
    visible = DepartmentQuerySet.as_manager()

    class Meta:
        db_table = "departments_department"
        default_manager_name = "objects"

    def __str__(self) -> str:
        return self.name


class Membership(BaseModel):
    """A role of a person at a department; it counts for the department's whole subtree."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.MEMBER)

    class Meta:
        db_table = "departments_membership"
        constraints = [models.UniqueConstraint(fields=["person", "department"], name="one_membership_per_department")]

    def __str__(self) -> str:
        return f"{self.person} · {self.department} ({self.get_role_display()})"


def memberships_above(actor: Actor, path: str) -> QuerySet[Membership]:
    """The actor's memberships at the department whose tree path is the outer query's ``path``, or at one above it."""
    return Membership.objects.filter(StartsWith(OuterRef(path), F("department__path")), person_id=actor.id)


class WorkspaceQuerySet(ScopedQuerySet["Workspace"]):
    def _visible_to_person(self, actor: Actor) -> Self:
        granted = WorkspaceGrant.objects.filter(
            user_id=actor.id, permission__codename="use_workspace", content_object_id=OuterRef("pk")
        )
        return self.filter(Exists(memberships_above(actor, "department__path")) | Exists(granted), archived=False)


class Workspace(BaseModel):
    """A room of one department where its people talk with the model."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="workspaces")
    name = models.CharField(_("name"), max_length=120)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    archived = models.BooleanField(_("archived"), default=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        db_table = "departments_workspace"
        permissions = [("use_workspace", "Can use the workspace")]
        constraints = [models.UniqueConstraint(fields=["department", "name"], name="workspace_name_in_department")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WorkspaceGrant(UserObjectPermissionBase):
    """django-guardian's direct-foreign-key table: it goes when the workspace or the person goes."""

    content_object = models.ForeignKey(Workspace, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        db_table = "departments_workspace_grant"
