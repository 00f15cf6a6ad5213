"""`/api/search`: what was said in the conversations that one may read."""

import datetime
import uuid
from typing import Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from ninja import Router, Schema

from portal.accounts.door import actor_of
from portal.api.refusals import REFUSALS
from portal.api.shapes import Page
from portal.chat.search.selectors import After, Find, Search, conversations_called, search
from portal.core.declare import declares
from portal.core.errors import Invalid

router = Router()

LONGEST = 200


class PieceOut(Schema):
    text: str
    hit: bool


class CalledOut(Schema):
    """A conversation with the words in its title."""

    id: uuid.UUID
    title: str
    workspace: uuid.UUID
    workspace_name: str


class FindOut(Schema):
    """A message; ``snippet`` is the part around the first hit, in pieces."""

    message: uuid.UUID
    conversation: uuid.UUID
    title: str
    workspace: uuid.UUID
    workspace_name: str
    author: Literal["user", "assistant"]
    at: datetime.datetime
    snippet: list[PieceOut]


class FindsOut(Page[FindOut]):
    """``order`` says how the finds are sorted: of very many the newest come first.

    The first page has the conversations as well whose title holds the text.
    """

    order: str
    conversations: list[CalledOut]


@router.get("", response={200: FindsOut, **REFUSALS})
@declares("conversation.search")
def find(
    request: HttpRequest,
    q: str,
    workspace: uuid.UUID | None = None,
    author: Literal["", "user", "assistant"] = "",
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    cursor: str = "",
) -> FindsOut:
    """All words of ``q`` in one message; of three letters and more, longer words that begin with them count too."""
    if len(q) > LONGEST:
        raise Invalid(
            ngettext("Search for at most %(longest)s character.", "Search for at most %(longest)s characters.", LONGEST)
            % {"longest": LONGEST},
            code="too_long",
            details={"field": "q"},
        )
    actor = actor_of(request)
    asked = Search(q, workspace, author, _aware(since, "since"), _aware(until, "until"))
    found = search(actor, asked, after=After.parsed(cursor) if cursor else None)
    called = conversations_called(actor, q) if q.strip() and not cursor else []
    return FindsOut(
        items=[_find_out(item) for item in found.items],
        next=str(found.next) if found.next else None,
        order=found.order,
        conversations=[
            CalledOut(id=item.pk, title=item.title, workspace=item.workspace_id, workspace_name=item.workspace.name)
            for item in called
        ],
    )


def _aware(moment: datetime.datetime | None, field: str) -> datetime.datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise Invalid(_("A moment needs its time zone."), details={"field": field})
    return moment


def _find_out(item: Find) -> FindOut:
    return FindOut(
        message=item.message,
        conversation=item.conversation,
        title=item.title,
        workspace=item.workspace,
        workspace_name=item.workspace_name,
        author="assistant" if item.author == "assistant" else "user",
        at=item.at,
        snippet=[PieceOut(text=piece.text, hit=piece.is_hit) for piece in item.pieces],
    )
