"""Sharing a conversation: with everyone in its workspace, with people, or with nobody again."""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.chat.access import refuse_unseen, require_sharing
from portal.chat.choices import OPENS, OpenTo
from portal.chat.models import CONVERSATIONS, Conversation
from portal.chat.sharing.selectors import Access, Sharing, sharing_of
from portal.chat.telling import SHARED
from portal.chat.watch import tell_at_commit, tell_news
from portal.core.actor import Actor
from portal.core.errors import Invalid, NotFound
from portal.departments.authority import one_change_at_a_time, require_held_on
from portal.departments.grants import give, given_rights, withdraw
from portal.departments.on_object import grant_of, grants_on
from portal.departments.preview import who_may
from portal.notices.services import tell, untell

MOST_SHARES = 200


@transaction.atomic
def share_with(actor: Actor, conversation_id: uuid.UUID, person_id: uuid.UUID, access: Access) -> Sharing:
    """Let a person read it, or read it and ask in it; who has it already gets this access instead.

    Raises:
        NotFound, Sealed: the actor does not see it, or there is no such person who may open its workspace.
        Forbidden: it is another one's, he may not share, or does not hold what he gives.
        Invalid: it is shared with very many already.
    """
    conversation = _locked(actor, conversation_id)
    person = who_may("workspace.view", conversation.workspace).filter(pk=person_id).first()
    if person is None:
        raise NotFound(_("There is no such person in this workspace."))
    standing = set(given_rights(person, conversation))
    if not standing and len(grants_on(conversation)) >= MOST_SHARES:
        raise Invalid(
            _("It is shared with %(most_shares)s already.") % {"most_shares": MOST_SHARES}, code="too_many_shares"
        )
    wanted = OPENS[OpenTo(access)]
    give(actor, person, conversation, wanted)
    if beyond := standing - wanted:
        withdraw(actor, person, conversation, beyond)
    tell([person.pk], SHARED, conversation.pk, {"conversation": str(conversation.pk), "by": str(actor.person_id)})
    _ring(conversation, [person.pk])
    return sharing_of(actor, conversation_id)


@transaction.atomic
def take_back(actor: Actor, conversation_id: uuid.UUID, subject_id: uuid.UUID) -> Sharing:
    """What a person, role or department was given on it. Raises NotFound, Sealed, Forbidden."""
    conversation = _locked(actor, conversation_id)
    grant = grant_of(conversation, subject_id)
    withdraw(actor, grant.subject, conversation, grant.rights)
    people = [grant.subject.pk] if isinstance(grant.subject, User) else []
    untell(people, SHARED, conversation.pk)
    _ring(conversation, people)
    return sharing_of(actor, conversation_id)


@transaction.atomic
def open_to_workspace(actor: Actor, conversation_id: uuid.UUID, level: str) -> Sharing:
    """What everyone may do in it who may open its workspace; nobody is told, it lies in their lists.

    Raises NotFound, Sealed, Forbidden as ``share_with`` does.
    """
    conversation = _locked(actor, conversation_id)
    require_held_on(actor, OPENS[OpenTo(level)], CONVERSATIONS, conversation)
    before = conversation.open_to
    if before != level:
        conversation.open_to = level
        conversation.save(update_fields=["open_to"])
        _record_opening(actor, conversation, before, level)
        _ring(conversation, [])
    return sharing_of(actor, conversation_id)


def _record_opening(actor: Actor, conversation: Conversation, before: str, after: str) -> None:
    """As grants are, to everybody of the workspace."""
    workspace = str(conversation.workspace_id)
    for act, rights in (
        ("grant.withdraw", OPENS[OpenTo(before)] - OPENS[OpenTo(after)]),
        ("grant.give", OPENS[OpenTo(after)] - OPENS[OpenTo(before)]),
    ):
        if rights:
            details = {"rights": sorted(rights), "workspace": workspace}
            record(actor, act, Target("conversation", conversation.pk), details=details)


def _locked(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Raises NotFound, Sealed, Forbidden."""
    one_change_at_a_time()
    refuse_unseen(actor, conversation_id)
    found = Conversation.objects.select_related("workspace").select_for_update(of=("self",)).get(pk=conversation_id)
    require_sharing(actor, found)
    return found


def _ring(conversation: Conversation, people: Iterable[uuid.UUID]) -> None:
    for person in {*people, conversation.owner_id}:
        tell_at_commit(person, conversation.pk)
    tell_news(conversation.pk, "shared")
