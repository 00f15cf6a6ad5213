"""Reading journals. Callers have passed the door (``access``) for every run they name here."""

import uuid
from collections.abc import Mapping

import orjson
from django.db import connection

from portal.runs.events import JournalEvent
from portal.runs.models import Event

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
