"""The side list: pinned conversations, one's folders, and the others page by page."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from portal.chat.models import Conversation
from portal.chat.placing.selectors import (
    FILED,
    FOLDER,
    NOWHERE,
    OTHERS,
    PINNED,
    SHARED,
    Place,
    Shelved,
    folder_of,
    owner_name,
    shelf,
    shelved,
)
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
    # Of what others share, whose it is; and whether anybody else reads it.
    owner: str = ""
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class SideFolder:
    id: uuid.UUID
    name: str


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
    folders: Sequence[SideFolder] = ()
    others: ConversationPage = field(default_factory=lambda: ConversationPage([], ""))
    shared: ConversationPage = field(default_factory=lambda: ConversationPage([], ""))
    open_folder: uuid.UUID | None = None
    in_folder: ConversationPage = field(default_factory=lambda: ConversationPage([], ""))

    @property
    def is_empty(self) -> bool:
        return not (self.pinned.items or self.folders or self.others.items or self.shared.items)


def side_of(actor: Actor, workspace_id: uuid.UUID, current: uuid.UUID | None) -> Side:
    found = shelved(actor, workspace_id, pinned=MOST_PINNED, others=CONVERSATIONS_A_PAGE + 1, beside=current)
    on: dict[str, list[Shelved]] = {name: [] for name in (PINNED, OTHERS, SHARED, FILED, FOLDER)}
    for row in found:
        on[row.shelf].append(row)
    return Side(
        pinned=_listed(actor, on[PINNED], current),
        folders=[SideFolder(row.id, row.title) for row in sorted(on[FOLDER], key=lambda row: row.title.casefold())],
        others=_listed(actor, on[OTHERS], current),
        shared=_listed(actor, on[SHARED], current),
        # Open where the conversation that is shown lies in it.
        open_folder=next((row.folder for row in on[FILED]), None),
        in_folder=_listed(actor, on[FILED], current),
    )


def _listed(actor: Actor, rows: Sequence[Shelved], current: uuid.UUID | None) -> ConversationPage:
    most = len(rows) if rows and rows[0].shelf == PINNED else CONVERSATIONS_A_PAGE
    shown = rows[:most]
    items = [
        SideItem(
            row.id,
            row.title,
            row.owner_id == actor.id,
            Place(pinned=row.shelf == PINNED, folder=row.folder),
            "" if row.owner_id == actor.id else row.owner,
            row.is_shared,
        )
        for row in shown
    ]
    kept = f"&folder={shown[0].folder}" if shown and shown[0].shelf == FILED else ""
    kept = "&shared" if shown and shown[0].shelf == SHARED else kept
    more = _more(shown[-1].active_at, shown[-1].id) if len(rows) > most else ""
    return ConversationPage(items, more, current, kept)


def conversations_page(
    actor: Actor,
    workspace_id: uuid.UUID,
    *,
    before: str = "",
    folder: str = "",
    shared: bool = False,
    current: uuid.UUID | None = None,
) -> ConversationPage:
    """One page of a folder, or of what lies nowhere else: one's own, or what others share.

    Raises:
        Invalid: ``before`` is not a place that an earlier page named.
        NotFound: the folder is not one of the actor's.
    """
    kept = folder_of(actor, _uuid(folder)).pk if folder else SHARED if shared else OTHERS
    found = shelf(actor, workspace_id, kept).with_sharing().annotate(owner_name=owner_name())
    if before:
        found = conversations_before(found, *_place(before))
    rows = list(found[: CONVERSATIONS_A_PAGE + 1])
    shown = rows[:CONVERSATIONS_A_PAGE]
    place = Place(folder=kept if isinstance(kept, uuid.UUID) else None)
    more = _more(shown[-1].active_at, shown[-1].pk) if len(rows) > len(shown) else ""
    query = f"&folder={kept}" if place.folder else "&shared" if shared else ""
    return ConversationPage([_item(actor, row, place) for row in shown], more, current, query)


def _more(active_at: datetime.datetime, pk: uuid.UUID) -> str:
    return f"{active_at.isoformat()}_{pk}"


def _item(actor: Actor, row: Conversation, place: Place) -> SideItem:
    own = row.owner_id == actor.id
    owner, is_shared = getattr(row, "owner_name", ""), getattr(row, "is_shared", False)
    return SideItem(row.pk, row.title, own, place, "" if own else owner, is_shared)


def _place(text: str) -> tuple[datetime.datetime, uuid.UUID]:
    moment, key = text.partition("_")[::2]
    try:
        active_at = datetime.datetime.fromisoformat(moment)
        pk = uuid.UUID(key)
    except ValueError:
        raise Invalid(_("There is no such place in this list."), details={"field": "before"}) from None
    if active_at.tzinfo is None:
        raise Invalid(_("There is no such place in this list."), details={"field": "before"})
    return active_at, pk


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid(_("A folder is named by its id."), details={"field": "folder"}) from None
