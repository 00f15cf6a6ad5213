"""Reading prompts, instructions and first questions, as someone."""

import uuid
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from portal.core.actor import Actor
from portal.core.errors import Invalid
from portal.departments.models import Department, Workspace
from portal.prompts.models import FirstQuestion, Instructions, Prompt, PromptQuerySet

Of = Literal["", "own", "workspace", "department"]
# Of what is asked for so many words count.
MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the library is wanted; without anything, all of it.

    ``workspace`` leaves out the prompts of other workspaces; ``department`` has those of that department alone.
    """

    words: str = ""
    of: Of = ""
    workspace: uuid.UUID | None = None
    department: uuid.UUID | None = None


def prompts(actor: Actor, wanted: Wanted, *, managed: bool = False) -> PromptQuerySet:
    """The prompts that the actor may use, by name; with ``managed`` also those that he manages without using them."""
    found = Prompt.objects.visible_to(actor) if managed else Prompt.objects.usable_by(actor)
    for word in wanted.words.split()[:MOST_WORDS]:
        found = found.filter(Q(name__icontains=word) | Q(description__icontains=word))
    if wanted.of:
        found = found.filter(**{f"{'owner' if wanted.of == 'own' else wanted.of}__isnull": False})
    if wanted.workspace is not None:
        found = found.filter(Q(workspace=None) | Q(workspace_id=wanted.workspace))
    if wanted.department is not None:
        found = found.filter(department_id=wanted.department)
    return found.listed(actor)


def after_place(found: PromptQuerySet, by_name: str, pk: str) -> PromptQuerySet:
    """The part of such a list that comes after a row. Raises Invalid: it is the place of none."""
    try:
        return found.after(by_name, uuid.UUID(pk))
    except ValueError:
        raise Invalid(_("The cursor is not valid."), code="bad_cursor") from None


@dataclass(frozen=True, slots=True)
class Opening:
    """What an empty conversation of a workspace begins with."""

    instructions: str = ""
    questions: tuple[str, ...] = ()


def opening_of(workspace: Workspace) -> Opening:
    """In one statement. The caller has opened the workspace.

    First questions are the workspace's own; without any, those of the nearest department above it that has some.
    """
    text = Instructions.objects.filter(workspace=workspace).values_list(
        "text", Value(-1, IntegerField()), Value(0, IntegerField())
    )
    rows = list(text.union(_suggested(workspace).values_list("text", "position", "nearness"), all=True))
    return Opening(next((text for text, position, _ in rows if position < 0), ""), _nearest(rows))


def instructions_of(workspace: Workspace) -> str:
    """Empty where it has none. The caller has opened the workspace."""
    return Instructions.objects.filter(workspace=workspace).values_list("text", flat=True).first() or ""


def first_questions(place: Department | Workspace) -> list[str]:
    """Those of the place itself. The caller has seen it."""
    return list(_of(place).order_by("position").values_list("text", flat=True))


def questions_shown(workspace: Workspace) -> list[str]:
    """Those that its empty conversations offer."""
    return list(_nearest(list(_suggested(workspace).values_list("text", "position", "nearness"))))


def _of(place: Department | Workspace) -> QuerySet[FirstQuestion]:
    named = {"workspace": place} if isinstance(place, Workspace) else {"department": place}
    return FirstQuestion.objects.filter(**named)


def _suggested(workspace: Workspace) -> QuerySet[Any]:
    """Of the workspace and of all departments above it; the deeper a department, the nearer it is."""
    path, step = workspace.department.path, Department.steplen
    above = [path[:end] for end in range(step, len(path) + 1, step)]
    return FirstQuestion.objects.filter(Q(workspace=workspace) | Q(department__path__in=above)).annotate(
        nearness=Case(When(workspace=workspace, then=Value(len(path) + 1)), default=Length("department__path"))
    )


def _nearest(rows: list[tuple[str, int, int]]) -> tuple[str, ...]:
    asked = [row for row in rows if row[1] >= 0]
    nearest = max((nearness for _, _, nearness in asked), default=0)
    return tuple(text for text, _, nearness in sorted(asked, key=lambda row: row[1]) if nearness == nearest)


# Of those where the actor may keep prompts so many are offered; the others have `/api`.
PLACES_OFFERED = 200


def places_to_keep(actor: Actor) -> tuple[list[Workspace], list[Department]]:
    """Workspaces and departments whose prompts the actor manages, in the order of the tree."""
    workspaces = Workspace.objects.allowed(actor, "workspace.manage").filter(archived=False)
    departments = Department.visible.allowed(actor, "department.manage")
    return (
        list(workspaces.select_related("department").order_by("department__path", "name")[:PLACES_OFFERED]),
        list(departments.order_by("path")[:PLACES_OFFERED]),
    )


def instructions_beside(workspace: Workspace) -> str:
    """As ``instructions_of``, in no statement where they were read with the workspace."""
    try:
        return workspace.instructions.text
    except Instructions.DoesNotExist:
        return ""
