"""Values out of somebody else's JSON, where any may be missing or of another type."""

import datetime
import math
from typing import Any

from workers.ingestion.conversations.shape import LONGEST_ID, BadConversation

# Between 1990 and 2200; what lies outside is no time of a chat.
_EARLIEST, _LATEST = 631_152_000, 7_258_118_400


def record(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def key(value: object) -> str:
    """An id. Raises BadConversation: it is longer than any."""
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)
    if len(found) > LONGEST_ID:
        raise BadConversation("bad_id")
    return found


def moment(value: object) -> float | None:
    """Seconds since 1970, of seconds, of smaller parts of them or of ISO 8601; None where it is no time."""
    if isinstance(value, str):
        try:
            found = datetime.datetime.fromisoformat(value)
            value = (found if found.tzinfo else found.replace(tzinfo=datetime.UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    seconds = float(value)
    for divisor in (1_000, 1_000_000):
        if seconds > _LATEST:
            seconds /= divisor
    return seconds if _EARLIEST <= seconds <= _LATEST else None


def names(values: object, *fields: str) -> list[str]:
    """Of each record that stands for a file, the first name that it has."""
    found = []
    for value in rows(values):
        part = record(value)
        nested = record(part.get("file"))
        name = next((text(place.get(name)) for place in (part, nested) for name in fields if text(place.get(name))), "")
        found.append(name or "a file")
    return found
