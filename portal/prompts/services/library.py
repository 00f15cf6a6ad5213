"""Prompts: made, changed, copied and deleted. Their rows in the journal hold no content, names included."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.catalogue import WORKSPACE
from portal.core.errors import Invalid
from portal.core.text import clean_text
from portal.departments.authority import require_at, require_on
from portal.departments.models import KINDS, Department, Workspace
from portal.prompts.access import prompt_for_change, prompt_for_view
from portal.prompts.models import Prompt
from portal.prompts.variables import pieces_of

NAME_LENGTH, DESCRIPTION_LENGTH, TEXT_LENGTH = 80, 200, 20_000
# In one place: one person's, or those of one workspace or department.
MOST_PROMPTS = 500
ACTION = "prompt.change"


@dataclass(frozen=True, slots=True)
class Fields:
    """What is None stays."""

    name: str | None = None
    description: str | None = None
    text: str | None = None


@transaction.atomic
def create_prompt(actor: Actor, fields: Fields, place: Department | Workspace | None = None) -> Prompt:
    """One's own, or one of a workspace or a department.

    Raises:
        NotFound, Forbidden: the place is not the actor's to manage.
        Invalid, TooLarge: not a name or a text for one, or there are too many.
    """
    prompt = _placed(actor, place)
    _fill(prompt, Fields(fields.name or "", fields.description or "", fields.text or ""))
    _refuse_too_many(prompt)
    prompt.save(force_insert=True)
    _note(actor, prompt, "created")
    return _seen(actor, prompt)


@transaction.atomic
def change_prompt(actor: Actor, prompt_id: uuid.UUID, fields: Fields) -> Prompt:
    """Raises NotFound, Forbidden, Invalid, TooLarge."""
    prompt_for_change(actor, prompt_id)
    prompt = Prompt.objects.select_for_update().get(pk=prompt_id)
    _fill(prompt, fields)
    prompt.save(update_fields=["name", "description", "text", "changed_at"])
    _note(actor, prompt, "changed")
    return _seen(actor, prompt)


@transaction.atomic
def copy_prompt(actor: Actor, prompt_id: uuid.UUID) -> Prompt:
    """One's own prompt of the same name and text. Raises NotFound; Invalid: one has too many."""
    found = prompt_for_view(actor, prompt_id)
    copy = Prompt(owner_id=actor.person_id, name=found.name, description=found.description, text=found.text)
    _refuse_too_many(copy)
    copy.save(force_insert=True)
    _note(actor, copy, "copied")
    return _seen(actor, copy)


@transaction.atomic
def delete_prompt(actor: Actor, prompt_id: uuid.UUID) -> None:
    """Raises NotFound, Forbidden."""
    prompt = prompt_for_change(actor, prompt_id)
    _note(actor, prompt, "deleted")
    prompt.delete()


def _placed(actor: Actor, place: Department | Workspace | None) -> Prompt:
    """Raises NotFound, Forbidden."""
    if isinstance(place, Workspace):
        require_on(actor, "workspace.manage", KINDS[WORKSPACE], place, seen_by="workspace.view")
        return Prompt(workspace=place)
    if place is not None:
        require_at(actor, "department.manage", place)
        return Prompt(department=place)
    return Prompt(owner_id=actor.person_id)


def _fill(prompt: Prompt, fields: Fields) -> None:
    if fields.name is not None:
        prompt.name = clean_text(" ".join(fields.name.split()), limit=NAME_LENGTH, name="name")
    if fields.description is not None:
        description = " ".join(fields.description.split())
        prompt.description = (
            clean_text(description, limit=DESCRIPTION_LENGTH, name="description") if description else ""
        )
    if fields.text is not None:
        prompt.text = clean_text(fields.text.replace("\r\n", "\n"), limit=TEXT_LENGTH, name="text")
        pieces_of(prompt.text)


def _refuse_too_many(prompt: Prompt) -> None:
    beside = Prompt.objects.filter(owner=prompt.owner_id, workspace=prompt.workspace, department=prompt.department)
    if beside.count() >= MOST_PROMPTS:
        raise Invalid(
            _("There are %(most)d prompts here already. Delete some first.") % {"most": MOST_PROMPTS},
            code="too_many_prompts",
        )


def _note(actor: Actor, prompt: Prompt, change: str) -> None:
    places = {"workspace": prompt.workspace_id, "department": prompt.department_id}
    details = {name: str(value) for name, value in places.items() if value is not None}
    details |= {"change": change, "characters": str(len(prompt.text))}
    record(actor, ACTION, Target("prompt", prompt.pk), details=details)


def _seen(actor: Actor, prompt: Prompt) -> Prompt:
    """As lists have it."""
    return prompt_for_view(actor, prompt.pk) if actor.is_person else prompt
