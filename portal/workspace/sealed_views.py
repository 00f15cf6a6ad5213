"""Pages that are read under break-glass: what is open, and one conversation, with nothing to write with."""

import uuid
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from portal.accounts.door import actor_of
from portal.chat.break_glass.models import BreakGlass
from portal.chat.break_glass.selectors import unsealed
from portal.chat.comments.selectors import threads
from portal.chat.models import Conversation
from portal.core.clock import now
from portal.core.errors import Invalid
from portal.workspace.page import page
from portal.workspace.presenters import browser_data, messages_page


@page("break_glass.read")
def unsealed_conversations(request: HttpRequest, break_glass_id: uuid.UUID) -> HttpResponse:
    """The conversations that one's own active access opens."""
    access, found = unsealed(actor_of(request), break_glass_id)
    context = {"access": access, "conversations": found, "left": seconds_left(access), "browser": browser_data()}
    return render(request, "workspace/unsealed.html", context)


def sealed_conversation(request: HttpRequest, conversation: Conversation, access: BreakGlass) -> HttpResponse:
    """Whoever calls this has recorded the reading. Older messages come as pages of their own, each a reading."""
    shown = messages_page(conversation, before=_before(request))
    # Nothing is opened there later: what people said of the messages comes with them.
    said = threads(actor_of(request), conversation, [uuid.UUID(card.id) for card in shown.cards if card.comments])
    shown = replace(shown, cards=[replace(card, thread=said.get(uuid.UUID(card.id), ())) for card in shown.cards])
    context = {
        "conversation": conversation,
        "access": access,
        "left": seconds_left(access),
        "messages": shown,
        "oldest": shown.cards[0].id if shown.has_older else "",
        "read_only": True,
        "browser": browser_data(conversation=conversation.pk),
    }
    return render(request, "workspace/sealed.html", context)


def seconds_left(access: BreakGlass) -> int:
    """For the page's own clock; what decides is the database's."""
    return max(0, round((access.expires_at - now()).total_seconds())) if access.expires_at else 0


def _before(request: HttpRequest) -> uuid.UUID | None:
    given = request.GET.get("before")
    try:
        return uuid.UUID(given) if given else None
    except ValueError:
        raise Invalid(_("A message is named by its id."), details={"field": "before"}) from None
