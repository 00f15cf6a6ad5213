"""With whom a conversation is shared, with whom it could be, and who reads it."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.db.models import Exists, Q, QuerySet

from portal.accounts.models import User
from portal.chat.access import conversation_for_view, refuse_unseen, require_sharing
from portal.chat.choices import OPENS, OpenTo
from portal.chat.models import CONVERSATIONS, Conversation
from portal.core.actor import Actor
from portal.core.text import storable
from portal.departments.models import Whom, denied
from portal.departments.on_object import StandingGrant, grants_on
from portal.departments.preview import who_may
from portal.departments.subjects import kind_of_subject
from portal.departments.targets import name_of_subject
from portal.engines.models import Engine

SHOWN = 10
LONGEST_SEARCH = 60

Limit = Literal["workspace", "read", "ask", "engine"]
"""What somebody cannot do for all that he is given: open the workspace, read, ask, have an engine answer."""
Access = Literal["read", "ask"]

_BY_COLUMN = Whom(column="pk", depth=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    id: uuid.UUID
    username: str
    name: str
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What one subject was given on the conversation itself."""

    kind: Literal["person", "role", "department"]
    id: uuid.UUID
    name: str
    access: Access
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Sharing:
    """``may_give`` are the levels that the owner can give, which is no more than he holds."""

    workspace: str
    everyone: str
    may_give: tuple[Access, ...]
    shares: tuple[Share, ...] = field(default_factory=tuple)


def shared_conversation(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """One that the actor shares: his own. Raises NotFound, Sealed and Forbidden as ``require_sharing`` does."""
    refuse_unseen(actor, conversation_id)
    found = Conversation.objects.select_related("workspace").get(pk=conversation_id)
    require_sharing(actor, found)
    return found


def sharing_of(actor: Actor, conversation_id: uuid.UUID) -> Sharing:
    """Raises as ``shared_conversation`` does."""
    conversation = shared_conversation(actor, conversation_id)
    grants = grants_on(conversation)
    people = [grant.subject.pk for grant in grants if isinstance(grant.subject, User)]
    limits = limits_of(conversation, people)
    return Sharing(
        conversation.workspace.name,
        conversation.open_to,
        may_give(actor, conversation),
        tuple(_share(grant, limits) for grant in grants),
    )


def may_give(actor: Actor, conversation: Conversation) -> tuple[Access, ...]:
    own = Conversation.objects.filter(pk=conversation.pk).allowed(actor, "message.ask")
    return ("read", "ask") if own.exists() else ("read",)


def candidates(actor: Actor, conversation_id: uuid.UUID, text: str) -> list[Candidate]:
    """People who may open the workspace and whose name holds the text, with what each would not be able to do.

    Raises as ``shared_conversation`` does.
    """
    conversation = shared_conversation(actor, conversation_id)
    given = {grant.subject.pk for grant in grants_on(conversation)}
    found = who_may("workspace.view", conversation.workspace).exclude(pk__in=[*given, actor.person_id])
    people = list(_called(found, text)[:SHOWN])
    limits = limits_of(conversation, [person.pk for person in people])
    return [Candidate(item.pk, item.username, item.display_name(), limits[item.pk]) for item in people]


def readers(actor: Actor, conversation_id: uuid.UUID, text: str) -> list[Candidate]:
    """Others who may read the conversation and whose name holds the text.

    Nobody else is named, so that the list tells of no account that its reader does not share the conversation with.

    Raises NotFound, Sealed.
    """
    conversation = conversation_for_view(actor, conversation_id)
    found = who_may("conversation.view", conversation).exclude(pk=actor.person_id)
    return [Candidate(item.pk, item.username, item.display_name()) for item in _called(found, text)[:SHOWN]]


def readers_among(conversation: Conversation, people: Collection[uuid.UUID]) -> QuerySet[User]:
    """Those of the people who may read the conversation at this moment."""
    return who_may("conversation.view", conversation).filter(pk__in=people)


def limits_of(conversation: Conversation, people: Collection[uuid.UUID]) -> Mapping[uuid.UUID, tuple[Limit, ...]]:
    """What each could not do although it is shared with him: a denial wins, and engines may be reserved."""
    if not people:
        return {}
    here = Conversation.objects.filter(pk=conversation.pk)
    opens = type(conversation.workspace).objects.filter(pk=conversation.workspace_id)
    rows = User.objects.filter(pk__in=people).annotate(
        opens=Exists(opens.allowed_to(_BY_COLUMN, "workspace.view")),
        unread=Exists(here.filter(denied(_BY_COLUMN, "conversation.view", CONVERSATIONS))),
        unasked=Exists(here.filter(denied(_BY_COLUMN, "message.ask", CONVERSATIONS))),
        answered=Exists(Engine.objects.order_by().allowed_to(_BY_COLUMN, "engine.use")),
    )
    found: dict[uuid.UUID, tuple[Limit, ...]] = {}
    for row in rows.values_list("pk", "is_active", "opens", "unread", "unasked", "answered"):
        pk, active, opened, unread, unasked, answered = row
        named: Iterable[tuple[bool, Limit]] = (
            (not (active and opened), "workspace"),
            (unread, "read"),
            (unasked, "ask"),
            (not answered, "engine"),
        )
        found[pk] = tuple(limit for holds, limit in named if holds)
    return found


def rights_of(level: str) -> frozenset[str]:
    return OPENS[OpenTo(level)]


def _share(grant: StandingGrant, limits: Mapping[uuid.UUID, tuple[Limit, ...]]) -> Share:
    subject = grant.subject
    access: Access = "ask" if "message.ask" in grant.rights else "read"
    barred = _that_matter(limits.get(subject.pk, ()), access)
    return Share(kind_of_subject(subject), subject.pk, name_of_subject(subject), access, barred)


def _called(found: QuerySet[User], text: str) -> QuerySet[User]:
    """Each word has to stand in the name or the user name."""
    for word in storable(text)[:LONGEST_SEARCH].split():
        found = found.filter(Q(username__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return found.order_by("first_name", "last_name", "username")


def _that_matter(limits: Collection[Limit], access: Access) -> tuple[Limit, ...]:
    return tuple(limit for limit in limits if access == "ask" or limit in ("workspace", "read"))
