"""Rules say how long data stays, holds that it stays whatever the rules say.

Triggers of the database keep holds: what a hold covers cannot be deleted, emptied or moved away, by whatever way it is
tried (see ``guards``).
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.deletion import Collector
from django.utils.translation import gettext_lazy as _

from portal.core.models import BaseModel
from portal.departments.models import Department, Workspace
from portal.retention.choices import DataKind

MOST_DAYS = 36_500


class Rule(BaseModel):
    """How long a kind of data stays, in a workspace or in a department and below it; neither: in the whole company."""

    kind = models.CharField(_("data"), max_length=16, choices=DataKind.choices, default=DataKind.CONVERSATIONS)
    department = models.ForeignKey(
        Department, on_delete=models.CASCADE, null=True, blank=True, related_name="retention_rules"
    )
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, null=True, blank=True, related_name="retention_rules"
    )
    days = models.PositiveIntegerField(
        _("days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text=_("Days after the last activity. Empty: kept for ever."),
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "retention_rule"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(department=None) | Q(workspace=None), name="retention_rule_has_one_place"
            ),
            models.CheckConstraint(
                condition=Q(days=None) | Q(days__gte=1, days__lte=MOST_DAYS), name="retention_rule_days"
            ),
            models.UniqueConstraint(fields=["kind", "department"], name="one_retention_rule_per_department"),
            models.UniqueConstraint(fields=["kind", "workspace"], name="one_retention_rule_per_workspace"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(department=None, workspace=None),
                name="one_retention_rule_of_the_company",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.days or _('for ever')}"


class HoldKind(models.TextChoices):
    DEPARTMENT = "department", _("department and all below it")
    WORKSPACE = "workspace", _("workspace")
    PERSON = "person", _("person")


def kept_while_held(
    collector: Collector, field: "models.ForeignKey[Any, Any]", sub_objs: "Sequence[Hold]", using: str
) -> None:
    """Of a released hold the place may go, and the hold's row stays; else it is protected."""
    standing = [hold for hold in sub_objs if hold.released_at is None]
    if standing:
        raise models.ProtectedError(f"{field.name} is under legal hold", set(standing))
    models.SET_NULL(collector, field, sub_objs, using)  # type: ignore[arg-type]  # a queryset


class Hold(BaseModel):
    """A legal hold. Its row stays when it is released."""

    kind = models.CharField(_("what it covers"), max_length=16, choices=HoldKind.choices)
    # The id of what it covers, for when that is gone after the release.
    place_id = models.UUIDField(editable=False)
    department = models.ForeignKey(Department, on_delete=kept_while_held, null=True, blank=True, related_name="holds")
    workspace = models.ForeignKey(Workspace, on_delete=kept_while_held, null=True, blank=True, related_name="holds")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=kept_while_held, null=True, blank=True, related_name="holds"
    )
    reason = models.CharField(_("reason"), max_length=300)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    placed_at = models.DateTimeField(_("placed"))
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        db_table = "retention_hold"
        default_permissions = ()
        ordering = ["-placed_at"]
        indexes = [models.Index(fields=["kind"], name="retention_holds_standing", condition=Q(released_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at__isnull=False)
                | Q(kind=HoldKind.DEPARTMENT, department__isnull=False, workspace=None, person=None)
                | Q(kind=HoldKind.WORKSPACE, department=None, workspace__isnull=False, person=None)
                | Q(kind=HoldKind.PERSON, department=None, workspace=None, person__isnull=False),
                name="retention_hold_has_one_place",
            )
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def place(self) -> models.Model | None:
        return self.department or self.workspace or self.person


class HeldWorkspace(models.Model):
    """A workspace that a hold covers; triggers fill this.

    A workspace stays covered when it or its department is moved elsewhere, until the hold is released.
    """

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="held_workspaces")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "retention_held_workspace"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["workspace", "hold"], name="held_once")]

    def __str__(self) -> str:
        return f"{self.hold_id} {self.workspace_id}"
