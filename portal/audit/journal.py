"""The only pen of the audit journal."""

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from django.db import DatabaseError, connection

from portal.audit.keys import sign
from portal.audit.models import Entry
from portal.core.actor import Actor
from portal.core.catalogue import action_named
from portal.core.clock import now

Outcome = Literal["allowed", "denied", "failed"]


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
    """What was done, or refused. ``details`` holds counts, ids and settings, never content or secrets."""

    action: str
    target: Target = Target()
    outcome: Outcome = "allowed"
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def record(
    actor: Actor,
    action: str,
    target: Target = Target(),
    *,
    outcome: Outcome = "allowed",
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write one row into the journal, in the transaction of the act. Raises as ``record_acts`` does."""
    record_acts(actor, [Act(action, target, outcome, reason, details or {})])


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
    arrived = _Arrived()
    with connection.execute_wrapper(arrived):
        Entry.objects.bulk_create([_entry(actor, act) for act in acts])
    if arrived.rows != len(acts):
        raise NotRecorded(f"{arrived.rows} of {len(acts)} rows arrived in the audit journal")


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


def _entry(actor: Actor, act: Act) -> Entry:
    action_named(act.action)
    entry = Entry(
        at=now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:150],
        action=act.action,
        object_type=act.target.type,
        object_id=str(act.target.id) if act.target.id else "",
        outcome=act.outcome,
        reason=act.reason[:200],
    )
    set_body(entry, act.details)
    return entry


def set_body(entry: Entry, details: Mapping[str, Any]) -> None:
    """Give the row its body and the seal over it. The body names the row's id, so no seal fits another row."""
    entry.body = canonical_body(entry, dict(details))
    entry.seal = sign("seal", entry.body)


def canonical_body(entry: Entry, details: object) -> str:
    """The row's columns and ``details`` as JSON, always in the same letters: what is sealed, and what is verified."""
    return orjson.dumps(
        {
            "id": str(entry.id),
            "at": entry.at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
            "actor": [entry.actor_kind, str(entry.actor_id or ""), entry.actor_name],
            "action": entry.action,
            "object": [entry.object_type, entry.object_id],
            "outcome": entry.outcome,
            "reason": entry.reason,
            "details": details,
        },
        option=orjson.OPT_SORT_KEYS,
        default=str,
    ).decode()
