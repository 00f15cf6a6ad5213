"""`/api/conversations/{id}/sharing`, `readers` and `move`: with whom one shares it, who reads it, and where it lies."""

import uuid
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.api.refusals import REFUSALS
from portal.api.shapes import Page, Strict
from portal.chat.moving.services import Moved, move_conversation, move_targets, preview_move
from portal.chat.sharing.selectors import (
    LONGEST_SEARCH,
    Access,
    Candidate,
    Limit,
    Sharing,
    candidates,
    readers,
    sharing_of,
)
from portal.chat.sharing.services import open_to_workspace, share_with, take_back
from portal.core.declare import declares
from portal.departments.models import Workspace

router = Router()

Level = Literal["", "read", "ask"]
Wanted = Annotated[str, Query(max_length=LONGEST_SEARCH)]


class ShareOut(Schema):
    """``limits`` is what the person cannot do for all that: a denial wins, and engines may be reserved."""

    kind: Literal["person", "role", "department"]
    id: uuid.UUID
    name: str
    access: Access
    limits: list[Limit]


class SharingOut(Schema):
    workspace: str
    everyone: Level
    may_give: list[Access]
    items: list[ShareOut]


class OpenedIn(Strict):
    everyone: Level


class ShareIn(Strict):
    person: uuid.UUID
    access: Access = "read"


class CandidateOut(Schema):
    id: uuid.UUID
    username: str
    name: str
    limits: list[Limit]


class MoveIn(Strict):
    workspace: uuid.UUID
    everyone: Level = ""


class TargetOut(Schema):
    id: uuid.UUID
    name: str
    department: str


class PeopleOut(Schema):
    """``names`` are the first few of them."""

    count: int
    names: list[str]


class KeptOut(Schema):
    """For how many days the workspaces keep conversations; without a number, for ever."""

    days_before: int | None
    days_after: int | None
    is_past: bool


class MovedOut(Schema):
    conversation: uuid.UUID
    source: TargetOut
    target: TargetOut
    loses: PeopleOut
    gains: PeopleOut
    withdrawn: list[str]
    closed: Level
    files: int
    kept: KeptOut
    engine_lost: str


@router.get("/{uuid:conversation_id}/sharing", response={200: SharingOut, **REFUSALS})
@declares("conversation.share")
def read_sharing(request: HttpRequest, conversation_id: uuid.UUID) -> SharingOut:
    """Who has access and how; for whoever owns it."""
    return sharing_out(sharing_of(actor_of(request), conversation_id))


@router.patch("/{uuid:conversation_id}/sharing", response={200: SharingOut, **REFUSALS})
@declares("conversation.share")
def patch_sharing(request: HttpRequest, conversation_id: uuid.UUID, body: OpenedIn) -> SharingOut:
    """What everyone may do in it who may open its workspace."""
    return sharing_out(open_to_workspace(actor_of(request), conversation_id, body.everyone))


@router.get("/{uuid:conversation_id}/sharing/candidates", response={200: Page[CandidateOut], **REFUSALS})
@declares("conversation.share")
def list_candidates(request: HttpRequest, conversation_id: uuid.UUID, q: Wanted = "") -> Page[CandidateOut]:
    """People who may open its workspace and do not have it yet, the first ten by name."""
    return Page(items=[candidate_out(item) for item in candidates(actor_of(request), conversation_id, q)])


@router.post("/{uuid:conversation_id}/sharing/people", response={200: SharingOut, **REFUSALS})
@declares("conversation.share")
def share(request: HttpRequest, conversation_id: uuid.UUID, body: ShareIn) -> SharingOut:
    """Whoever has it already gets this access instead."""
    return sharing_out(share_with(actor_of(request), conversation_id, body.person, body.access))


@router.delete("/{uuid:conversation_id}/sharing/{uuid:subject_id}", response={204: None, **REFUSALS})
@declares("conversation.share")
def unshare(request: HttpRequest, conversation_id: uuid.UUID, subject_id: uuid.UUID) -> Status[None]:
    """A person, role or department no longer has it."""
    take_back(actor_of(request), conversation_id, subject_id)
    return Status(204, None)


@router.get("/{uuid:conversation_id}/readers", response={200: Page[CandidateOut], **REFUSALS})
@declares("conversation.view")
def list_readers(request: HttpRequest, conversation_id: uuid.UUID, q: Wanted = "") -> Page[CandidateOut]:
    """Others who may read it, the first ten by name: whom one can mention."""
    return Page(items=[candidate_out(item) for item in readers(actor_of(request), conversation_id, q)])


@router.get("/{uuid:conversation_id}/move", response={200: Page[TargetOut], **REFUSALS})
@declares("conversation.move")
def list_targets(request: HttpRequest, conversation_id: uuid.UUID) -> Page[TargetOut]:
    """Workspaces in which its owner may begin conversations."""
    return Page(items=[target_out(item) for item in move_targets(actor_of(request), conversation_id)])


@router.post("/{uuid:conversation_id}/move", response={200: MovedOut, **REFUSALS})
@declares("conversation.move")
def move(request: HttpRequest, conversation_id: uuid.UUID, body: MoveIn, dry_run: bool = False) -> MovedOut:
    """With ``dry_run`` nothing changes, and the answer says what would."""
    actor = actor_of(request)
    if dry_run:
        return moved_out(preview_move(actor, conversation_id, body.workspace))
    return moved_out(move_conversation(actor, conversation_id, body.workspace, body.everyone))


def sharing_out(found: Sharing) -> SharingOut:
    return SharingOut(
        workspace=found.workspace,
        everyone=found.everyone,  # type: ignore[arg-type]  # one of the levels
        may_give=list(found.may_give),
        items=[
            ShareOut(kind=item.kind, id=item.id, name=item.name, access=item.access, limits=list(item.limits))
            for item in found.shares
        ],
    )


def candidate_out(found: Candidate) -> CandidateOut:
    return CandidateOut(id=found.id, username=found.username, name=found.name, limits=list(found.limits))


def target_out(found: Workspace) -> TargetOut:
    return TargetOut(id=found.pk, name=found.name, department=found.department.name)


def moved_out(done: Moved) -> MovedOut:
    return MovedOut(
        conversation=done.conversation,
        source=target_out(done.source),
        target=target_out(done.target),
        loses=PeopleOut(count=done.losing, names=list(done.loses)),
        gains=PeopleOut(count=done.gaining, names=list(done.gains)),
        withdrawn=list(done.withdrawn),
        closed=done.closed,  # type: ignore[arg-type]  # one of the levels
        files=done.files,
        kept=KeptOut(days_before=done.kept.before, days_after=done.kept.after, is_past=done.kept.is_past),
        engine_lost=done.engine,
    )
