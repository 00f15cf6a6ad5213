"""What is out of the side list: archived and deleted conversations."""

import datetime
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts.door import actor_of
from portal.chat.placing.selectors import ARCHIVED, deleted_conversations, shelf
from portal.configuration import live
from portal.departments.access import workspace_for_view
from portal.workspace.page import page
from portal.workspace.presenters import browser_data

MOST_LISTED = 200


@page("conversation.list")
def archived(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    workspace = workspace_for_view(actor, workspace_id)
    context = {
        "workspace": workspace,
        "conversations": shelf(actor, workspace_id, ARCHIVED)[:MOST_LISTED],
        "browser": browser_data(workspace),
    }
    return render(request, "workspace/archived.html", context)


@page("conversation.list")
def deleted(request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
    """What one has deleted and may still bring back."""
    actor = actor_of(request)
    workspace = workspace_for_view(actor, workspace_id)
    days = live.whole_number("deleted_days")
    found = list(deleted_conversations(actor, workspace_id)[:MOST_LISTED])
    for conversation in found:
        if conversation.deleted_at is not None:
            conversation.restorable_until = conversation.deleted_at + datetime.timedelta(days=days)
    context = {"workspace": workspace, "conversations": found, "days": days, "browser": browser_data(workspace)}
    return render(request, "workspace/deleted.html", context)
