import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.core.actor import Actor
from portal.core.models import BaseModel
from portal.core.querysets import ScopedQuerySet
from portal.departments.models import Department, Workspace


class PromptQuerySet(ScopedQuerySet["Prompt"]):
    def usable_by(self, actor: Actor) -> Self:
        """One's own, those of workspaces that one may open, and those of departments that one is of or sees by a role.

        No platform role opens a library.
        """
        if not actor.is_person:
            return self.none()
        return self.filter(_own(actor) | _shared_with(actor))

    def managed_by(self, actor: Actor) -> Self:
        """Those that the actor may change."""
        return self.filter(_own(actor) | _managed(actor)) if actor.is_person else self.none()

    def listed(self, actor: Actor) -> Self:
        """By name, each with its place and whether the actor may change it."""
        changeable = Prompt.objects.managed_by(actor).filter(pk=OuterRef("pk")).order_by().values("pk")
        changing = Case(When(Exists(changeable), then=Value(True)), default=Value(False))
        found = self.select_related("workspace", "department").annotate(by_name=Lower("name"), may_change=changing)
        return found.order_by("by_name", "pk")

    def after(self, by_name: str, pk: uuid.UUID) -> Self:
        """The part of such a list that comes after a row."""
        return self.filter(Q(by_name__gt=by_name) | Q(by_name=by_name, pk__gt=pk))

    def _visible_to_person(self, actor: Actor) -> Self:
        return self.filter(_own(actor) | _shared_with(actor) | _managed(actor))


def _own(actor: Actor) -> Q:
    return Q(owner_id=actor.person_id)


def _shared_with(actor: Actor) -> Q:
    opened = Workspace.objects.visible_to(actor).order_by().values("pk")
    return Q(workspace__in=opened) | Q(department__in=Department.visible.used_by(actor).order_by().values("pk"))


def _managed(actor: Actor) -> Q:
    workspaces = Workspace.objects.allowed(actor, "workspace.manage").order_by().values("pk")
    departments = Department.visible.allowed(actor, "department.manage").order_by().values("pk")
    return Q(workspace__in=workspaces) | Q(department__in=departments)


class Prompt(BaseModel):
    """A text to begin a question with: of one person, of a workspace, or of a department and what lies below it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=200, blank=True)
    # With its variables, which ``variables.pieces_of`` reads.
    text = models.TextField(_("text"))
    changed_at = models.DateTimeField(auto_now=True)

    objects = PromptQuerySet.as_manager()

    # Set where a list or a door fetched it.
    may_change: bool
    by_name: str

    class Meta:
        db_table = "prompts_prompt"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False, workspace=None, department=None)
                | Q(owner=None, workspace__isnull=False, department=None)
                | Q(owner=None, workspace=None, department__isnull=False),
                name="prompts_of_one_place",
            ),
        ]
        indexes = [models.Index(Lower("name"), "id", name="prompts_by_name")]

    def __str__(self) -> str:
        return str(self.pk)


class Instructions(models.Model):
    """What the model is told before every question of a workspace."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, primary_key=True, related_name="instructions")
    text = models.TextField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "prompts_instructions"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class FirstQuestion(BaseModel):
    """A question that an empty conversation offers; those of a workspace stand in place of its department's."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.CASCADE, null=True, related_name="+")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)

    class Meta:
        db_table = "prompts_first_question"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(workspace__isnull=False, department=None) | Q(workspace=None, department__isnull=False),
                name="prompts_first_question_of_one_place",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
