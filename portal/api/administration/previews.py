"""`dry_run=true`: what a change would do to who may open which workspace; nothing is changed."""

import uuid
from collections.abc import Callable
from dataclasses import replace

from ninja import Schema
from pydantic import Field

from portal.api.administration.shapes import PersonOut
from portal.core.actor import Actor
from portal.departments.preview import Pair, Reach, preview
from portal.departments.selectors import workspaces_in_sight


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
    elsewhere: int = Field(description="Gains and losses in workspaces that the asker neither sees nor administers.")
    sentences: list[str]
    complete: bool = Field(description="False where the change concerns more than a preview looks at.")


def foreseen(actor: Actor, reach: Reach, change: Callable[[], object]) -> PreviewOut:
    """Raises what the change does."""
    whole = preview(reach, change)
    known = workspaces_in_sight(actor, {workspace.pk for _, workspace in (*whole.gains, *whole.losses)})
    found = replace(
        whole,
        gains=tuple(pair for pair in whole.gains if pair[1].pk in known),
        losses=tuple(pair for pair in whole.losses if pair[1].pk in known),
    )
    return PreviewOut(
        gains=[_access(pair) for pair in found.gains],
        losses=[_access(pair) for pair in found.losses],
        elsewhere=len(whole.gains) + len(whole.losses) - len(found.gains) - len(found.losses),
        sentences=found.sentences,
        complete=found.complete,
    )


def _access(pair: Pair) -> AccessOut:
    person, workspace = pair
    return AccessOut(
        person=PersonOut(id=person.pk, username=person.username, name=person.display_name(), active=person.is_active),
        workspace=WorkspaceRef(id=workspace.pk, name=workspace.name),
    )
