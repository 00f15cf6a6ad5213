"""`dry_run=true`: what a change would do to who may open which workspace; nothing is changed."""

import uuid
from collections.abc import Callable

from ninja import Schema
from pydantic import Field

from portal.api.administration.shapes import PersonOut
from portal.departments.preview import Pair, Preview, Reach, preview


class WorkspaceRef(Schema):
    id: uuid.UUID
    name: str


class AccessOut(Schema):
    """Somebody, and a workspace that he may open."""

    person: PersonOut
    workspace: WorkspaceRef


class PreviewOut(Schema):
    gains: list[AccessOut]
    losses: list[AccessOut]
    sentences: list[str]
    complete: bool = Field(description="False where the change concerns more than a preview looks at.")


def preview_out(reach: Reach, change: Callable[[], object]) -> PreviewOut:
    """Raises what the change does."""
    return as_shape(preview(reach, change))


def as_shape(found: Preview) -> PreviewOut:
    return PreviewOut(
        gains=[_access(pair) for pair in found.gains],
        losses=[_access(pair) for pair in found.losses],
        sentences=found.sentences,
        complete=found.complete,
    )


def _access(pair: Pair) -> AccessOut:
    person, workspace = pair
    return AccessOut(
        person=PersonOut(id=person.pk, username=person.username, name=person.display_name(), active=person.is_active),
        workspace=WorkspaceRef(id=workspace.pk, name=workspace.name),
    )
