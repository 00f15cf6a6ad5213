"""Pages of lists that are in the order of a moment and an id."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from portal.api.cursor import decode_cursor, encode_cursor
from portal.api.shapes import Page
from portal.core.querysets import beginning_after

M = TypeVar("M", bound=Model)
Out = TypeVar("Out")

LENGTH = 100


def page_of(found: QuerySet[M], cursor: str, column: str, out: Callable[[M], Out]) -> Page[Out]:
    """``found`` is ordered by ``column`` and the id. Raises Invalid: the cursor is none."""
    if cursor:
        found = beginning_after(found, column, *decode_cursor(cursor))
    rows: list[Any] = list(found[: LENGTH + 1])
    last = rows[LENGTH - 1] if len(rows) > LENGTH else None
    more = encode_cursor(getattr(last, column), last.pk) if last else None
    return Page(items=[out(row) for row in rows[:LENGTH]], next=more)
