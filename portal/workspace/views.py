"""The pages of the workspace, and the parts of them that the browser loads later."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal.accounts.door import actor_of
from portal.chat.access import conversation_for_view, conversation_to_show
from portal.chat.models import Conversation
from portal.core.errors import Invalid
from portal.departments.access import workspace_for_view
from portal.departments.selectors import workspaces_to_ask_in
from portal.departments.standing import has_administration
from portal.workspace.page import page
from portal.workspace.presenters import (
    MessagePage,
    WorkspacePage,
    conversation_page,
    messages_page,
    workspace_page,
)
from portal.workspace.sealed_views import sealed_conversation
from portal.workspace.side import conversations_page, side_of

LAST_WORKSPACE = "workspace"


@page("workspace.list")
def home(request: HttpRequest) -> HttpResponse:
    """A new conversation in the workspace that was used last, or in the first."""
    return _show(request, workspace_page(actor_of(request), _last_workspace(request)))


@page("workspace.view")
def workspace(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    workspace_for_view(actor, workspace_id)
    return _show(request, workspace_page(actor, workspace_id))


@page("conversation.view")
def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    found, may_ask = conversation_to_show(actor, conversation_id)
    if found.unsealed_by is not None:
        return sealed_conversation(request, found, found.unsealed_by)
    return _show(request, conversation_page(actor, found, may_ask=may_ask, at=_branch_named(request)))


@page("conversation.list")
def more_conversations(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    found = workspace_for_view(actor, workspace_id)
    before, folder = request.GET.get("before", ""), request.GET.get("folder", "")
    listed = conversations_page(actor, workspace_id, before=before, folder=folder, shared="shared" in request.GET)
    return render(request, "workspace/_conversations.html", {"conversations": listed, "workspace": found})


@page("conversation.list")
def side_list(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """The side list anew, as it is beside the conversation ``?current=``."""
    actor = actor_of(request)
    found = workspace_for_view(actor, workspace_id)
    current = _message_named(request, "current") if request.GET.get("current") else None
    context = {
        "side": side_of(actor, workspace_id, current),
        "workspace": found,
        "may_ask": workspace_id in workspaces_to_ask_in(actor),
    }
    response = render(request, "workspace/_side_list.html", context)
    response["Cache-Control"] = "no-store"
    return response


@page("conversation.view")
def older_messages(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The messages above ``?before=``; ``X-Branch: whole`` says that none stand above these.

    With ``?far`` as many as a reader who goes far up needs at once.
    """
    actor = actor_of(request)
    found = conversation_for_view(actor, conversation_id)
    shown = messages_page(
        found,
        before=_message_named(request, "before"),
        at=_branch_named(request),
        far="far" in request.GET,
        reader=actor,
    )
    return _part(request, found, shown, "" if shown.has_older else "whole")


@page("conversation.view")
def newer_messages(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """The messages below ``?after=``.

    ``X-Branch`` is ``changed`` where that message is no longer shown (the whole page of messages comes instead), and
    ``settled`` where it is an answer that is complete.
    """
    actor = actor_of(request)
    found = conversation_for_view(actor, conversation_id)
    after = str(_message_named(request, "after"))
    shown = messages_page(found, at=_branch_named(request), reader=actor)
    known = [index for index, card in enumerate(shown.cards) if card.id == after]
    if not known:
        return _part(request, found, shown, "changed")
    last = shown.cards[known[0]]
    newer = MessagePage(shown.cards[known[0] + 1 :], has_older=True)
    return _part(request, found, newer, "settled" if last.is_settled else "")


def _show(request: HttpRequest, shown: WorkspacePage) -> HttpResponse:
    if shown.workspace and request.session.get(LAST_WORKSPACE) != str(shown.workspace.pk):
        request.session[LAST_WORKSPACE] = str(shown.workspace.pk)
    actor = actor_of(request)
    context = {"page": shown, "actor": actor, "opens_console": has_administration(actor)}
    response = render(request, "workspace/page.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _part(request: HttpRequest, found: Conversation, shown: MessagePage, branch: str) -> HttpResponse:
    context = {"messages": shown, "read_only": found.unsealed_by is not None}
    response = render(request, "workspace/_messages.html", context)
    response["Cache-Control"] = "no-store"
    response["X-Branch"] = branch
    return response


def _last_workspace(request: HttpRequest) -> uuid.UUID | None:
    stored = request.session.get(LAST_WORKSPACE)
    return uuid.UUID(stored) if stored else None


def _branch_named(request: HttpRequest) -> uuid.UUID | None:
    """The message through which the branch goes that the reader wants to see; without it, the conversation's own."""
    return _message_named(request, "at") if "at" in request.GET else None


def _message_named(request: HttpRequest, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(request.GET.get(field, ""))
    except ValueError:
        raise Invalid(_("A message is named by its id."), details={"field": field}) from None
