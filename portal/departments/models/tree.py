import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.lookups import StartsWith
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from portal.core.actor import Actor
from portal.core.catalogue import RIGHTS
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.departments.models.reached import (
    departments_by_roles,
    departments_under_denials,
    his_departments,
    his_roles,
)
from portal.departments.models.whom import Whom

EVERY_RIGHT = ""
"""The action of a denial that denies them all."""


class DepartmentQuerySet(ScopedQuerySet["Department"]):
    def allowed(self, actor: Actor, action: str) -> Self:
        """Those on which the actor holds the right."""
        if RIGHTS[action].administrative and actor.is_platform_administrator:
            return self
        return self.allowed_to(Whom.of(actor), action) if actor.is_person else self.none()

    def allowed_to(self, whom: Whom, action: str) -> Self:
        if whom.id is not None:
            return self.filter(
                Q(pk__in=departments_by_roles(whom.id, action)), ~Q(pk__in=departments_under_denials(whom.id, action))
            )
        return self.filter(
            Exists(roles_above(whom.inside, action, "path")), ~Exists(denials_above(whom.inside, action, "path"))
        )

    def used_by(self, actor: Actor) -> Self:
        """Those that the person is of, and those that he sees by a role; administering the company opens none."""
        if not actor.is_person:
            return self.none()
        person = actor.person_id
        return self.filter(
            Q(pk__in=his_departments(person)) | Q(pk__in=departments_by_roles(person, "department.view")),
            ~Q(pk__in=departments_under_denials(person, "department.view")),
        )

    def _visible_to_person(self, actor: Actor) -> Self:
        return self.allowed(actor, "department.view")


class Department(MP_Node):
    """A node of the company's tree. ``path`` (treebeard) makes a subtree one prefix match."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    # Stands for the department where django-guardian gives it rights on an object; made at the first such grant.
    group = models.OneToOneField(Group, on_delete=models.SET_NULL, null=True, editable=False, related_name="department")

    node_order_by = ["name"]
    visible = DepartmentQuerySet.as_manager()

    class Meta:
        db_table = "departments_department"
        default_manager_name = "objects"

    def __str__(self) -> str:
        return self.name


class Role(BaseModel):
    """A set of rights that is given to people at departments. ``key`` names the two that every company has."""

    key = models.CharField(max_length=16, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    group = models.OneToOneField(Group, on_delete=models.SET_NULL, null=True, editable=False, related_name="role")

    class Meta:
        db_table = "departments_role"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="one_role_of_a_key")]

    def __str__(self) -> str:
        return self.name


class RoleAction(BaseModel):
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="actions")
    action = models.CharField(max_length=64)

    class Meta:
        db_table = "departments_role_action"
        constraints = [models.UniqueConstraint(fields=["role", "action"], name="one_action_in_a_role")]

    def __str__(self) -> str:
        return f"{self.role}: {self.action}"


class Membership(BaseModel):
    """A role of a person at a department; it counts for the department's whole subtree."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")

    class Meta:
        db_table = "departments_membership"
        constraints = [
            models.UniqueConstraint(fields=["person", "department", "role"], name="one_role_at_a_department")
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.department} ({self.role})"


class DenialBase(BaseModel):
    """A right, or every right, that a person, the holders of a role or the people of a department do not have on
    ``content_object`` and on all that it contains, whatever else gives it to them.

    The people of a department are those with a role in it or below it. Subclasses add ``content_object``.
    """

    for_person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    for_role = models.ForeignKey(Role, on_delete=models.CASCADE, null=True, related_name="+")
    for_department = models.ForeignKey(Department, on_delete=models.CASCADE, null=True, related_name="+")
    action = models.CharField(max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        abstract = True
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(for_person__isnull=False, for_role=None, for_department=None)
                | Q(for_person=None, for_role__isnull=False, for_department=None)
                | Q(for_person=None, for_role=None, for_department__isnull=False),
                name="%(class)s_of_one_subject",
            ),
            models.UniqueConstraint(
                fields=["content_object", "for_person", "for_role", "for_department", "action"],
                nulls_distinct=False,
                name="%(class)s_once",
            ),
        ]


class DepartmentDenial(DenialBase):
    content_object = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="denials")

    class Meta(DenialBase.Meta):
        db_table = "departments_department_denial"

    def __str__(self) -> str:
        return f"{self.action or 'everything'} at {self.content_object}"


def roles_above(whom: Whom, action: str, path: str) -> QuerySet[Membership]:
    """The person's memberships that give the right at the department whose tree path is the outer query's ``path``."""
    return Membership.objects.filter(
        StartsWith(OuterRef(path), F("department__path")), person_id=whom.value, role__actions__action=action
    )


def denials_above(whom: Whom, action: str, path: str) -> QuerySet[DepartmentDenial]:
    """The same for denials at that department or above it."""
    return DepartmentDenial.objects.filter(
        StartsWith(OuterRef(path), F("content_object__path")), concerns(whom), action__in=[EVERY_RIGHT, action]
    )


def concerns(whom: Whom) -> Q:
    """Of denials: those whose subject the person is, or belongs to."""
    if whom.id is not None:
        return (
            Q(for_person_id=whom.id)
            | Q(for_role__in=his_roles(whom.id))
            | Q(for_department__in=his_departments(whom.id))
        )
    belonging = Membership.objects.filter(
        Q(role=OuterRef("for_role")) | StartsWith(F("department__path"), OuterRef("for_department__path")),
        person_id=whom.inside.value,
    )
    return Q(for_person_id=whom.value) | Q(Exists(belonging))
