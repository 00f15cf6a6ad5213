"""The side list: pinned conversations, one's folders, and the others page by page."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from portal.chat.models import Conversation, Folder
from portal.chat.placing.selectors import NOWHERE, OTHERS, PINNED, Place, folder_of, folders, places, shelf
from portal.chat.selectors import conversations_before
from portal.core.actor import Actor
from portal.core.errors import Invalid

CONVERSATIONS_A_PAGE = 30
# More than anybody keeps on top.
MOST_PINNED = 50


@dataclass(frozen=True, slots=True)
class SideItem:
    id: uuid.UUID
    title: str
    own: bool
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class ConversationPage:
    items: Sequence[SideItem]
    more: str
    current: uuid.UUID | None = None
    # The query that goes on with the same shelf.
    shelf: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """``open_folder`` is that of the conversation that is shown."""

    pinned: ConversationPage = field(default_factory=lambda: ConversationPage([], ""))
    folders: Sequence[Folder] = ()
    others: ConversationPage = field(default_factory=lambda: ConversationPage([], ""))
    open_folder: uuid.UUID | None = None
    in_folder: ConversationPage = field(default_factory=lambda: ConversationPage([], ""))

    @property
    def is_empty(self) -> bool:
        return not (self.pinned.items or self.folders or self.others.items)


def side_of(actor: Actor, workspace_id: uuid.UUID, current: uuid.UUID | None) -> Side:
    open_folder = places(actor, [current]).get(current, NOWHERE).folder if current else None
    return Side(
        pinned=_page(actor, workspace_id, PINNED, current, most=MOST_PINNED),
        folders=folders(actor, workspace_id),
        others=_page(actor, workspace_id, OTHERS, current),
        open_folder=open_folder,
        in_folder=_page(actor, workspace_id, open_folder, current) if open_folder else ConversationPage([], ""),
    )


def conversations_page(
    actor: Actor, workspace_id: uuid.UUID, *, before: str = "", folder: str = "", current: uuid.UUID | None = None
) -> ConversationPage:
    """One page of a folder, or of what lies nowhere else.

    Raises:
        Invalid: ``before`` is not a place that an earlier page named.
        NotFound: the folder is not one of the actor's.
    """
    kept = folder_of(actor, _uuid(folder)).pk if folder else OTHERS
    return _page(actor, workspace_id, kept, current, before=before)


def _page(
    actor: Actor,
    workspace_id: uuid.UUID,
    kept: str | uuid.UUID,
    current: uuid.UUID | None,
    *,
    before: str = "",
    most: int = CONVERSATIONS_A_PAGE,
) -> ConversationPage:
    found = shelf(actor, workspace_id, kept)
    if before:
        found = conversations_before(found, *_place(before))
    rows = list(found[: most + 1])
    shown = rows[:most]
    place = Place(pinned=kept == PINNED, folder=kept if isinstance(kept, uuid.UUID) else None)
    # What is pinned may lie in a folder as well.
    known: Mapping[uuid.UUID, Place] = places(actor, [row.pk for row in shown]) if kept == PINNED and shown else {}
    more = f"{shown[-1].active_at.isoformat()}_{shown[-1].pk}" if len(rows) > most and kept != PINNED else ""
    items = [_item(actor, row, known.get(row.pk, place)) for row in shown]
    return ConversationPage(items, more, current, f"&folder={kept}" if isinstance(kept, uuid.UUID) else "")


def _item(actor: Actor, row: Conversation, place: Place) -> SideItem:
    return SideItem(row.pk, row.title, row.owner_id == actor.id, place)


def _place(text: str) -> tuple[datetime.datetime, uuid.UUID]:
    moment, _, key = text.partition("_")
    try:
        active_at = datetime.datetime.fromisoformat(moment)
        pk = uuid.UUID(key)
    except ValueError:
        raise Invalid("There is no such place in this list.", details={"field": "before"}) from None
    if active_at.tzinfo is None:
        raise Invalid("There is no such place in this list.", details={"field": "before"})
    return active_at, pk


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid("A folder is named by its id.", details={"field": "folder"}) from None
