"""The page of the prompt library."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from portal.accounts.door import actor_of
from portal.core.actor import Actor
from portal.prompts.models import Prompt
from portal.prompts.selectors import Of, Wanted, after_place, places_to_keep, prompts
from portal.prompts.services.library import DESCRIPTION_LENGTH, NAME_LENGTH, TEXT_LENGTH
from portal.workspace.page import page
from portal.workspace.presenters import browser_data

PROMPTS_A_PAGE = 30
LONGEST_SEARCH = 200
KINDS: tuple[Of, ...] = ("own", "workspace", "department")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of the library; ``more`` is the query that goes on."""

    items: list[Prompt]
    more: str
    words: str
    of: Of
    is_first: bool


@page("prompt.list")
def library(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    workspaces, departments = places_to_keep(actor)
    context = {
        "shown": _shown(actor, request.GET),
        "workspaces": workspaces,
        "departments": departments,
        "limits": {"name": NAME_LENGTH, "description": DESCRIPTION_LENGTH, "text": TEXT_LENGTH},
        "browser": browser_data(),
    }
    return render(request, "workspace/prompts.html", context)


def _shown(actor: Actor, given: QueryDict) -> Shown:
    """Raises Invalid: what it is to go on after is no place of the list."""
    words = given.get("q", "").replace("\x00", "")[:LONGEST_SEARCH]
    of: Of = next((kind for kind in KINDS if kind == given.get("of")), "")
    found = prompts(actor, Wanted(words=words, of=of), managed=True)
    if pk := given.get("after", ""):
        found = after_place(found, given.get("from", "").replace("\x00", ""), pk)
    rows = list(found[: PROMPTS_A_PAGE + 1])
    shown = rows[:PROMPTS_A_PAGE]
    more = ""
    if len(rows) > len(shown):
        query = QueryDict(mutable=True)
        query.update({"q": words, "of": of, "from": shown[-1].by_name, "after": str(shown[-1].pk)})
        more = query.urlencode()
    return Shown(shown, more, words, of, is_first=not pk)
