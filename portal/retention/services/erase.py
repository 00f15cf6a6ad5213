"""Erasing a person: what is theirs goes in batches with proofs, then the account loses its name.

What stays: the account's row without a name, and the audit journal, which cannot be rewritten and keeps the name that
the actor had at the time. Cut off anywhere, it is begun again by the same call.
"""

import uuid
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from portal.accounts.erasure import anonymise, close_account, is_erased
from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.errors import NotFound
from portal.retention.access import require_erasing_rights
from portal.retention.keepers import GOES, HELD, Selection, Tally, keepers
from portal.retention.models import Hold
from portal.retention.services.holds import Held, wait_for_holds
from portal.retention.services.sweep import BATCH, Swept, delete_batch

ACTION = "person.erase"


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of a person: by kind what would go, and how much a hold covers."""

    goes: dict[str, Tally] = field(default_factory=dict)
    held: int = 0
    is_held: bool = False

    @property
    def may_go(self) -> bool:
        return not self.held and not self.is_held


def stored_of(actor: Actor, person_id: uuid.UUID) -> Stored:
    """Counts only. Raises Forbidden."""
    require_erasing_rights(actor, person_id)
    return _stored(person_id)


def erase_person(actor: Actor, person_id: uuid.UUID, *, batch: int = BATCH) -> Swept:
    """Delete conversations, runs and journals, sessions, memberships and grants; make the account anonymous.

    Erasing twice changes nothing.

    Raises:
        NotFound: there is no such person.
        Forbidden: the actor may not.
        Held: a hold covers the person, or a workspace that holds something of theirs; nothing is deleted.
        Conflict: the last platform administrator.
    """
    require_erasing_rights(actor, person_id)
    done = Swept()
    if not _begin(actor, person_id):
        return done
    for keeper in keepers():
        while delete_batch(
            actor,
            keeper,
            lambda: Selection(person=person_id),
            Target("person", person_id),
            done,
            action=ACTION,
            batch=batch,
        ):
            pass
    _end(actor, person_id, done)
    return done


@transaction.atomic
def _begin(actor: Actor, person_id: uuid.UUID) -> bool:
    wait_for_holds()
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    if is_erased(person):
        return False
    _refuse_held(person_id)
    close_account(actor, person)
    record(actor, ACTION, Target("person", person_id), details={"change": "begun"})
    return True


@transaction.atomic
def _end(actor: Actor, person_id: uuid.UUID, done: Swept) -> None:
    """Where a hold came in between, what it covers stays, and so does the name."""
    wait_for_holds()
    _refuse_held(person_id)
    person = User.objects.select_for_update().get(pk=person_id)
    try:
        with transaction.atomic():
            accounts = anonymise(person, kept=[model for keeper in keepers() for model in keeper.models])
            for keeper in keepers():
                accounts |= keeper.forget(person_id)
    except IntegrityError as error:
        raise Held from error
    details = {"change": "erased", "items": dict(done.items), "rows": dict(done.rows), "account": accounts}
    record(actor, ACTION, Target("person", person_id), details=details)


def _refuse_held(person_id: uuid.UUID) -> None:
    stored = _stored(person_id)
    if not stored.may_go:
        raise Held(details={"items": stored.held, "person": stored.is_held})


def _stored(person_id: uuid.UUID) -> Stored:
    goes, held = dict[str, Tally](), 0
    for keeper in keepers():
        for tally in keeper.tally(Selection(person=person_id)):
            if tally.workspace is None and tally.fate == GOES:
                goes[keeper.kind] = tally
            elif tally.workspace is None and tally.fate == HELD:
                held += tally.items
    return Stored(goes, held, Hold.objects.filter(person_id=person_id, released_at=None).exists())
