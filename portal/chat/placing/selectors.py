"""Conversations by where a person keeps them."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, Subquery, UUIDField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim

from portal.chat.models import Conversation, ConversationQuerySet, Folder, Placing
from portal.chat.selectors import conversations
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import NotFound

PINNED, OTHERS, SHARED, ARCHIVED = "pinned", "others", "shared", "archived"
"""Shelves of a workspace; each folder is one more, by its id. What is archived lies on no other shelf.

On ``SHARED`` lies what others own and share, on ``OTHERS`` one's own, unless it lies elsewhere.
"""

_ON = {
    PINNED: Q(pinned_at__isnull=False, archived_at=None),
    ARCHIVED: Q(archived_at__isnull=False),
}
_ELSEWHERE = Q(pinned_at__isnull=False) | Q(folder__isnull=False) | Q(archived_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Place:
    pinned: bool = False
    folder: uuid.UUID | None = None
    archived: bool = False


NOWHERE = Place()


def folders(actor: Actor, workspace_id: uuid.UUID) -> list[Folder]:
    return list(Folder.objects.visible_to(actor).filter(workspace_id=workspace_id).order_by("name"))


def folder_of(actor: Actor, folder_id: uuid.UUID) -> Folder:
    """Raises NotFound."""
    found = Folder.objects.visible_to(actor).filter(pk=folder_id).first()
    if found is None:
        raise NotFound
    return found


def shelf(actor: Actor, workspace_id: uuid.UUID, kept: str | uuid.UUID) -> ConversationQuerySet:
    """The conversations of a workspace that lie on a shelf, newest first."""
    own = Placing.objects.filter(conversation=OuterRef("pk"), person_id=actor.id)
    found = conversations(actor, workspace_id)
    if kept in (OTHERS, SHARED):
        whose = Q(owner_id=actor.id) if kept == OTHERS else ~Q(owner_id=actor.id)
        return found.filter(whose, ~Exists(own.filter(_ELSEWHERE)))
    on = _ON[kept] if isinstance(kept, str) else Q(folder_id=kept, pinned_at=None, archived_at=None)
    return found.filter(Exists(own.filter(on)))


@dataclass(frozen=True, slots=True)
class Shelved:
    """A conversation with the shelf on which it lies, and its folder, which what is pinned may have as well; or one of
    the folders themselves."""

    id: uuid.UUID
    title: str
    owner_id: uuid.UUID
    active_at: datetime.datetime
    shelf: str
    folder: uuid.UUID | None
    owner: str
    is_shared: bool


FILED, FOLDER = "filed", "folder"


def shelved(
    actor: Actor, workspace_id: uuid.UUID, *, pinned: int, others: int, beside: uuid.UUID | None
) -> list[Shelved]:
    """The first of what is pinned, of the others, and of the folder in which ``beside`` lies, newest first; and all
    folders: in one statement, since each page of a workspace asks it."""
    own = Placing.objects.filter(conversation=OuterRef("pk"), person_id=actor.id)
    folder = Subquery(own.values("folder_id")[:1])
    parts = [
        (PINNED, shelf(actor, workspace_id, PINNED), pinned),
        (OTHERS, shelf(actor, workspace_id, OTHERS), others),
        (SHARED, shelf(actor, workspace_id, SHARED), others),
    ]
    if beside is not None:
        around = Placing.objects.filter(conversation=beside, person_id=actor.id, folder__isnull=False)
        filed = Exists(own.filter(folder__in=around.values("folder"), pinned_at=None, archived_at=None))
        parts.append((FILED, conversations(actor, workspace_id).filter(filed), others))
    found: Any = [
        part.with_sharing().values_list(
            "pk", "title", "owner_id", "active_at", Value(name), folder, owner_name(), "is_shared"
        )[:most]
        for name, part, most in parts
    ]
    nowhere = Cast(Value(None), UUIDField())
    known = Folder.objects.visible_to(actor).filter(workspace_id=workspace_id)
    empty, no = Value("", output_field=CharField()), Value(False)
    found.append(known.values_list("pk", "name", "owner_id", "created_at", Value(FOLDER), nowhere, empty, no))
    rows = [Shelved(*row) for row in found[0].union(*found[1:], all=True)]
    return sorted(rows, key=lambda row: (row.active_at, row.id), reverse=True)


def owner_name() -> Combinable:
    """As ``User.display_name`` says it."""
    full = Trim(Concat("owner__first_name", Value(" "), "owner__last_name"))
    return Coalesce(NullIf(full, Value("")), "owner__username", output_field=CharField())


def places(actor: Actor, found: Collection[uuid.UUID]) -> dict[uuid.UUID, Place]:
    """Those of the conversations that lie somewhere of their own."""
    rows = Placing.objects.filter(person_id=actor.id, conversation_id__in=found)
    return {
        row.conversation_id: Place(row.pinned_at is not None, row.folder_id, row.archived_at is not None)
        for row in rows
    }


def deleted_conversations(actor: Actor, workspace_id: uuid.UUID) -> ConversationQuerySet:
    """What the actor has deleted and may still bring back, last deleted first."""
    found = Conversation.objects.deleted_by(actor).filter(workspace_id=workspace_id, deleted_at__gt=restorable_from())
    return found.order_by("-deleted_at", "-id")


def restorable_from() -> datetime.datetime:
    return now() - datetime.timedelta(days=live.whole_number("deleted_days"))
