"""`/api/prompts`: the library, of people, workspaces and departments."""

import uuid
from typing import Annotated

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from portal.accounts.door import actor_of
from portal.api.cursor import decode_place, encode_place
from portal.api.prompt_shapes import PlaceRef, PromptIn, PromptOut, PromptPatch, PromptPieceOut, PromptVariableOut
from portal.api.refusals import REFUSALS
from portal.api.shapes import Page
from portal.core.actor import Actor
from portal.core.declare import declares
from portal.core.errors import Invalid
from portal.departments.access import department_for_view, workspace_for_administration
from portal.departments.models import Department, Workspace
from portal.prompts.access import prompt_for_view
from portal.prompts.models import Prompt
from portal.prompts.selectors import Of, Wanted, after_place, prompts
from portal.prompts.services.library import Fields, change_prompt, copy_prompt, create_prompt, delete_prompt
from portal.prompts.variables import pieces_of

LENGTH = 50
LONGEST_SEARCH = 200

router = Router()


@router.get("", response={200: Page[PromptOut], **REFUSALS})
@declares("prompt.list")
def list_prompts(
    request: HttpRequest,
    q: Annotated[str, Field(max_length=LONGEST_SEARCH)] = "",
    of: Of = "",
    workspace: uuid.UUID | None = None,
    department: uuid.UUID | None = None,
    managed: bool = False,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=LENGTH)] = LENGTH,
) -> Page[PromptOut]:
    """By name. `q`: words of name and description; `of`: one's `own`, or those of a `workspace` or a `department`.

    `workspace` leaves out those of other workspaces; `department` has that department's alone. With `managed` also
    those that one manages without using them.
    """
    wanted = Wanted(q.replace("\x00", ""), of, workspace, department)
    found = prompts(actor_of(request), wanted, managed=managed)
    if cursor:
        found = after_place(found, *decode_place(cursor, 2))
    rows = list(found[: limit + 1])
    shown = rows[:limit]
    more = encode_place(shown[-1].by_name, str(shown[-1].pk)) if len(rows) > limit else None
    return Page(items=[prompt_out(row) for row in shown], next=more)


@router.post("", response={201: PromptOut, **REFUSALS})
@declares("prompt.change")
def post_prompt(request: HttpRequest, body: PromptIn) -> Status[PromptOut]:
    actor = actor_of(request)
    fields = Fields(body.name, body.description, body.text)
    return Status(201, prompt_out(create_prompt(actor, fields, _place(actor, body.workspace, body.department))))


@router.get("/{uuid:prompt_id}", response={200: PromptOut, **REFUSALS})
@declares("prompt.list")
def get_prompt(request: HttpRequest, prompt_id: uuid.UUID) -> PromptOut:
    return prompt_out(prompt_for_view(actor_of(request), prompt_id))


@router.patch("/{uuid:prompt_id}", response={200: PromptOut, **REFUSALS})
@declares("prompt.change")
def patch_prompt(request: HttpRequest, prompt_id: uuid.UUID, body: PromptPatch) -> PromptOut:
    fields = Fields(body.name, body.description, body.text)
    return prompt_out(change_prompt(actor_of(request), prompt_id, fields))


@router.delete("/{uuid:prompt_id}", response={204: None, **REFUSALS})
@declares("prompt.change")
def remove_prompt(request: HttpRequest, prompt_id: uuid.UUID) -> Status[None]:
    delete_prompt(actor_of(request), prompt_id)
    return Status(204, None)


@router.post("/{uuid:prompt_id}/copy", response={201: PromptOut, **REFUSALS})
@declares("prompt.change")
def post_copy(request: HttpRequest, prompt_id: uuid.UUID) -> Status[PromptOut]:
    """One's own prompt of the same name and text."""
    return Status(201, prompt_out(copy_prompt(actor_of(request), prompt_id)))


def prompt_out(prompt: Prompt) -> PromptOut:
    pieces, variables = pieces_of(prompt.text)
    return PromptOut(
        id=prompt.pk,
        name=prompt.name,
        description=prompt.description,
        text=prompt.text,
        variables=[PromptVariableOut.model_validate(item, from_attributes=True) for item in variables],
        pieces=[PromptPieceOut(text=piece.text, variable=piece.variable) for piece in pieces],
        workspace=_ref(prompt.workspace),
        department=_ref(prompt.department),
        may_change=prompt.may_change,
        changed_at=prompt.changed_at,
    )


def _ref(place: Department | Workspace | None) -> PlaceRef | None:
    return PlaceRef(id=place.pk, name=place.name) if place is not None else None


def _place(actor: Actor, workspace: uuid.UUID | None, department: uuid.UUID | None) -> Department | Workspace | None:
    """Raises Invalid: both are named. NotFound: one is not seen."""
    if workspace is not None and department is not None:
        raise Invalid(
            _("A prompt is of a workspace or of a department."), code="two_places", details={"field": "workspace"}
        )
    if workspace is not None:
        return workspace_for_administration(actor, workspace)
    return None if department is None else department_for_view(actor, department)
