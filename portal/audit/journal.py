"""The only pen of the audit journal."""

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import orjson
from django.db import DatabaseError, connection

from portal.audit.keys import sign
from portal.audit.models import Entry
from portal.audit.scene import allowed_by, current_scene
from portal.core.actor import Actor
from portal.core.catalogue import action_named
from portal.core.clock import now

Outcome = Literal["allowed", "denied", "failed"]

LATER_COLUMNS = ("place", "address", "on_behalf_of_id")


@dataclass(frozen=True, slots=True)
class Target:
    """What an act was done to: a type of the house and an id, never a title or content."""

    type: str = ""
    id: uuid.UUID | str | None = None


class NotInTransaction(RuntimeError):
    """An audit row was to be written outside the transaction of its act."""


class NotRecorded(DatabaseError):
    """The database took the rows and did not keep them; the act must not happen either."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, or refused. ``details`` holds counts, ids and settings, never content or secrets.

    ``place``, ``address`` and the reason of what is allowed are those of the scene (see ``scene``) where they are not
    given. ``on_behalf_of`` is the person for whom the appliance works.
    """

    action: str
    target: Target = Target()
    outcome: Outcome = "allowed"
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    on_behalf_of: uuid.UUID | None = None
    place: str | None = None
    address: str | None = None


def record(
    actor: Actor,
    action: str,
    target: Target = Target(),
    *,
    outcome: Outcome = "allowed",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    on_behalf_of: uuid.UUID | None = None,
) -> None:
    """Write one row into the journal, in the transaction of the act. Raises as ``record_acts`` does."""
    record_acts(actor, [Act(action, target, outcome, reason, details or {}, on_behalf_of)])


def record_acts(actor: Actor, acts: Sequence[Act]) -> None:
    """Write a row for each act, in their order, in the transaction of the acts.

    Raises:
        NotInTransaction: there is no transaction to belong to.
        UnknownAction: an action is not in the catalogue.
        NotRecorded: rows did not arrive.
        DatabaseError: the rows cannot be written; the acts must not happen either.
    """
    if not connection.in_atomic_block:
        names = ", ".join(act.action for act in acts)
        raise NotInTransaction(f"{names} must be recorded inside the transaction of its act")
    insert_entries([new_entry(actor, act) for act in acts])
    current_scene().saw(act.outcome for act in acts)


def insert_entries(entries: Sequence[Entry]) -> None:
    """The INSERT itself, in the caller's transaction. Raises NotRecorded."""
    arrived = _Arrived()
    with connection.execute_wrapper(arrived):
        Entry.objects.bulk_create(entries)
    if arrived.rows != len(entries):
        raise NotRecorded(f"{arrived.rows} of {len(entries)} rows arrived in the audit journal")


class _Arrived:
    """Counts the rows that an INSERT has written, by what PostgreSQL answers to it anyway.

    A trigger or rule that swallows rows would otherwise let acts happen that no row tells of.
    """

    def __init__(self) -> None:
        self.rows = 0

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]
    ) -> object:
        done = execute(sql, params, many, context)
        self.rows += context["cursor"].rowcount
        return done


def new_entry(actor: Actor, act: Act) -> Entry:
    """A sealed row, not yet written. Raises UnknownAction."""
    action = action_named(act.action)
    scene = current_scene()
    entry = Entry(
        at=now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:150],
        action=act.action,
        object_type=act.target.type,
        object_id=str(act.target.id) if act.target.id else "",
        outcome=act.outcome,
        reason=(act.reason or (allowed_by(actor, action) if act.outcome == "allowed" else ""))[:200],
        place=(scene.place if act.place is None else act.place)[:200],
        address=scene.address if act.address is None else act.address,
        on_behalf_of_id=act.on_behalf_of,
    )
    set_body(entry, act.details)
    return entry


def set_body(entry: Entry, details: Mapping[str, Any]) -> None:
    """Give the row its body and the seal over it. The body names the row's id, so no seal fits another row."""
    entry.body = canonical_body(entry, dict(details))
    entry.seal = sign("seal", entry.body)


class Columns(Protocol):
    """What a body is made of besides id, time and people: a row of the model, or one that was read without it."""

    @property
    def actor_kind(self) -> str: ...
    @property
    def actor_name(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def object_type(self) -> str: ...
    @property
    def object_id(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def reason(self) -> str: ...


def canonical_body(entry: Entry, details: object) -> str:
    """The row's columns and ``details`` as JSON, always in the same letters: what is sealed, and what is verified."""
    at = entry.at.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    # The models of older migrations do not have the later columns.
    later = [str(getattr(entry, name, None) or "") for name in LATER_COLUMNS]
    return written_body(entry, str(entry.id), at, str(entry.actor_id or ""), later, details)


def written_body(entry: Columns, row_id: str, at: str, actor_id: str, later: Sequence[str], details: object) -> str:
    """The same, of values that are text already (as ``LATER_COLUMNS`` in ``later``).

    Columns that rows have not always had are in it only where they are set, so the body of an older row stays as it
    was sealed; where one is set or emptied afterwards, the body does not match.
    """
    body: dict[str, Any] = {
        "id": row_id,
        "at": at,
        "actor": [entry.actor_kind, actor_id, entry.actor_name],
        "action": entry.action,
        "object": [entry.object_type, entry.object_id],
        "outcome": entry.outcome,
        "reason": entry.reason,
        "details": details,
    }
    for name, value in zip(LATER_COLUMNS, later, strict=True):
        if value:
            body[name] = value
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS, default=str).decode()
