"""Reading journals, whose callers have passed the door (``access``) for every run they name here, and usage."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from django.db import connection
from django.db.models import Count, Sum

from portal.core.actor import Actor
from portal.core.errors import NotFound
from portal.departments.authority import require_at
from portal.departments.models import Department
from portal.runs.events import JournalEvent
from portal.runs.models import Event, Run, RunQuerySet

_AFTER_EACH = """
SELECT event.run_id, event.seq, event.type, event.payload
FROM unnest(%s::uuid[], %s::int[]) AS place (run_id, after)
JOIN runs_event event ON event.run_id = place.run_id AND event.seq > place.after
ORDER BY event.run_id, event.seq
LIMIT %s
"""


def last_event(run_id: uuid.UUID) -> JournalEvent | None:
    row = Event.objects.filter(run_id=run_id).order_by("-seq").values_list("run_id", "seq", "type", "payload").first()
    return JournalEvent(row[0], row[1], row[2], row[3]) if row else None


def journals(places: Mapping[uuid.UUID, int], *, limit: int = 5000) -> list[JournalEvent]:
    """The next events of several runs, each above its own number, in one query."""
    if not places:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_AFTER_EACH, [list(places), list(places.values()), limit])
        return [JournalEvent(run, seq, kind, orjson.loads(payload)) for run, seq, kind, payload in cursor.fetchall()]


def journal_text(run_id: uuid.UUID) -> tuple[str, str]:
    """(answer, reasoning) of the run's last attempt, joined from its deltas."""
    parts: dict[str, list[str]] = {"answer": [], "reasoning": []}
    events = Event.objects.filter(run_id=run_id, type__in=["delta", "state"]).order_by("seq")
    for kind, payload in events.values_list("type", "payload").iterator():
        if kind == "delta":
            parts[payload["channel"]].append(payload["text"])
        elif payload.get("reset"):
            parts = {"answer": [], "reasoning": []}
    return "".join(parts["answer"]), "".join(parts["reasoning"])


@dataclass(frozen=True, slots=True)
class Used:
    """Runs and tokens of one row of a table of usage, as the engines counted them."""

    name: str
    runs: int
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int


@dataclass(frozen=True, slots=True)
class Usage:
    total: Used
    by_department: tuple[Used, ...]
    by_workspace: tuple[Used, ...]
    by_person: tuple[Used, ...]


def usage_of(actor: Actor, department_id: uuid.UUID, since: datetime.datetime, until: datetime.datetime) -> Usage:
    """What was used in a department and those below it by runs that began in ``[since, until)``.

    Raises:
        NotFound: the actor does not see the department.
        Forbidden: he sees it, and may not read what was used there.
    """
    department = Department.visible.filter(pk=department_id).first()
    if department is None:
        raise NotFound
    require_at(actor, "usage.view", department)
    places = Department.visible.filter(path__startswith=department.path)
    if actor.is_person:
        # Below it the right may be denied.
        places = places.allowed(actor, "usage.view")
    runs = Run.objects.filter(
        created_at__gte=since, created_at__lt=until, workspace__department__in=places.order_by().values("pk")
    ).order_by()
    whole = runs.aggregate(**_SUMS)
    return Usage(
        total=Used(department.name, whole["n"], whole["p"] or 0, whole["c"] or 0, whole["r"] or 0),
        by_department=_used(runs, "workspace__department__name", "workspace__department_id"),
        by_workspace=_used(runs, "workspace__name", "workspace_id"),
        by_person=_used(runs, "owner__username", "owner_id"),
    )


_SUMS = {"n": Count("pk"), "p": Sum("prompt_tokens"), "c": Sum("completion_tokens"), "r": Sum("reasoning_tokens")}


def _used(runs: RunQuerySet, name: str, key: str) -> tuple[Used, ...]:
    rows = runs.values(key, name).annotate(**_SUMS).order_by("-c", name)
    return tuple(Used(row[name], row["n"], row["p"], row["c"], row["r"]) for row in rows)
