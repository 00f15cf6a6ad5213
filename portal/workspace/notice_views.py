from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts.door import actor_of
from portal.notices.kinds import as_shown
from portal.notices.selectors import notices, unseen_notices
from portal.workspace.page import page
from portal.workspace.presenters import browser_data

MOST_LISTED = 200


@page("notice.list")
def notice_list(request: HttpRequest) -> HttpResponse:
    """All that one was told, newest first."""
    actor = actor_of(request)
    found = as_shown(actor, notices(actor)[:MOST_LISTED])
    return render(request, "workspace/notices.html", {"notices": found, "browser": browser_data()})


@page("notice.list")
def unseen(request: HttpRequest) -> HttpResponse:
    """The part of a page that shows what was not dismissed yet."""
    return render(request, "workspace/_notices.html", {"notices": unseen_notices(actor_of(request))})
