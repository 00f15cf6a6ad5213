from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.actor import Actor
from portal.core.catalogue import RIGHTS, WORKSPACE, rights_on
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.core.reasons import Reason
from portal.departments.models.rights import (
    Kind,
    PersonGrantBase,
    SubjectGrantBase,
    denied,
    held,
    reason_of,
    register_kind,
)
from portal.departments.models.tree import DenialBase, Department
from portal.departments.models.whom import Whom


class WorkspaceQuerySet(ScopedQuerySet["Workspace"]):
    def allowed(self, actor: Actor, action: str) -> Self:
        """Those on which the actor holds the right; an archived one can only be administered."""
        if RIGHTS[action].administrative and actor.is_platform_administrator:
            return self
        return self.allowed_to(Whom.of(actor), action) if actor.is_person else self.none()

    def with_reason(self, actor: Actor, *rights: str) -> Self:
        """Of those on which the actor holds one of the rights, ``allowed_by`` says by which way."""
        return self.annotate(allowed_by=reason_of(actor, rights, WORKSPACES))

    def allowed_to(self, whom: Whom, action: str) -> Self:
        found = self.filter(held(whom, action, WORKSPACES), ~denied(whom, action, WORKSPACES))
        return found if RIGHTS[action].administrative else found.filter(archived=False)

    def _visible_to_person(self, actor: Actor) -> Self:
        return self.allowed(actor, "workspace.view")


class Workspace(BaseModel):
    """A room of one department where its people talk with the model."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="workspaces")
    name = models.CharField(_("name"), max_length=120)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    archived = models.BooleanField(_("archived"), default=False)

    objects = WorkspaceQuerySet.as_manager()

    # Set where a door fetched it: the way by which the right is held.
    allowed_by: Reason

    class Meta:
        db_table = "departments_workspace"
        permissions = [(action.name, action.description) for action in rights_on(WORKSPACE)]
        constraints = [models.UniqueConstraint(fields=["department", "name"], name="workspace_name_in_department")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WorkspaceGrant(PersonGrantBase):
    content_object = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="person_grants")

    class Meta(PersonGrantBase.Meta):
        db_table = "departments_workspace_grant"


class WorkspaceSubjectGrant(SubjectGrantBase):
    content_object = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="subject_grants")

    class Meta(SubjectGrantBase.Meta):
        db_table = "departments_workspace_subject_grant"


class WorkspaceDenial(DenialBase):
    content_object = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="denials")

    class Meta(DenialBase.Meta):
        db_table = "departments_workspace_denial"

    def __str__(self) -> str:
        return f"{self.action or 'everything'} in {self.content_object}"


WORKSPACES = register_kind(
    Kind(
        WORKSPACE,
        Workspace,
        WorkspaceGrant,
        WorkspaceSubjectGrant,
        WorkspaceDenial,
        department="department_id",
        closed="archived",
    )
)
