"""The page of a search: the same as the palette's, with filters and page by page."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from portal.accounts.door import actor_of
from portal.chat.choices import Author
from portal.chat.search.selectors import After, Search, conversations_called, search
from portal.core.errors import Invalid
from portal.departments.selectors import workspaces
from portal.workspace.page import page
from portal.workspace.presenters import WORKSPACES_LISTED, browser_data

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """As they stand in the address; what is not one counts as none."""

    q: str
    workspace: str
    author: str
    since: str
    until: str

    @classmethod
    def of(cls, given: QueryDict) -> "Filters":
        values = {name: given.get(name, "").replace("\x00", "")[:LONGEST] for name in cls.__slots__}
        return cls(**values)

    def search(self) -> Search:
        author = self.author if self.author in Author.values else ""
        return Search(self.q, _uuid(self.workspace), author, _day(self.since), _day(self.until, after=1))


@page("conversation.search")
def search_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    filters = Filters.of(request.GET)
    after = After.parsed(request.GET.get("after", "")) if request.GET.get("after") else None
    found = search(actor, filters.search(), after=after)
    more = ""
    if found.next:
        query = QueryDict(mutable=True)
        query.update(_filled({name: getattr(filters, name) for name in Filters.__slots__}))
        query["after"] = str(found.next)
        more = query.urlencode()
    context = {
        "filters": filters,
        "found": found,
        "called": conversations_called(actor, filters.q) if filters.q.strip() and after is None else [],
        "more": more,
        "is_first": after is None,
        "workspaces": workspaces(actor)[:WORKSPACES_LISTED],
        "browser": browser_data(),
    }
    return render(request, "workspace/search.html", context)


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise Invalid(_("A workspace is named by its id."), details={"field": "workspace"}) from None


def _day(text: str, *, after: int = 0) -> datetime.datetime | None:
    """The beginning of a day, or of the one after it; None where the text is none."""
    try:
        day = parse_date(text)
        moment = datetime.datetime.combine(day, datetime.time()) if day else None
        return timezone.make_aware(moment + datetime.timedelta(days=after)) if moment else None
    except (ValueError, OverflowError):
        return None
