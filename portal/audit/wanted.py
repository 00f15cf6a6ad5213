"""Which rows of the journal someone wants to see, and a page of them: by position, never by counting."""

import datetime
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice

from django.db.models import Q, QuerySet

from portal.audit.models import Entry, Head
from portal.core.reasons import COMMON

PAGE = 50
LAST_SEQ = 2**63 - 1
# Rows are numbered at their commit, which comes no later than this after their time. By it a date narrows the
# positions, so that a list of long ago is found as quickly as one of today.
LONGEST_TRANSACTION = datetime.timedelta(hours=12)
# Rows are read in pieces of so many; memory stays flat however long the journal is.
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """``person``: acts of the person, and the appliance's on the person's behalf. Empty fields narrow nothing."""

    person: uuid.UUID | None = None
    action: str = ""
    outcome: str = ""
    object_type: str = ""
    object_id: str = ""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    reason: str = ""

    def _asked(self) -> Q:
        found = Q(seq__isnull=False)
        for column in ("action", "outcome", "object_type", "object_id"):
            if value := getattr(self, column):
                found &= Q(**{column: value})
        if self.since:
            found &= Q(at__gte=self.since, seq__gte=_position_at(_shifted(self.since, -LONGEST_TRANSACTION), LAST_SEQ))
        if self.until:
            found &= Q(at__lt=self.until, seq__lte=_position_at(_shifted(self.until, LONGEST_TRANSACTION), LAST_SEQ))
        return found

    def _reasons(self) -> list[Q]:
        """Common reasons are looked for by name, each along the rows; all others in the index of the uncommon."""
        if not self.reason:
            return [Q()]
        named = [Q(reason=common) for common in COMMON if self.reason.casefold() in common]
        return [~Q(reason__in=("", *COMMON)) & Q(reason__icontains=self.reason), *named]

    def of(self, rows: QuerySet[Entry]) -> list[QuerySet[Entry]]:
        """The wanted rows, as the queries that together find them: each follows one index in the order of the rows."""
        asked = rows.filter(self._asked())
        people = [Q()] if self.person is None else [Q(actor_id=self.person), Q(on_behalf_of_id=self.person)]
        return [asked.filter(whose & reason) for whose in people for reason in self._reasons()]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Newest first. ``older`` and ``newer`` are the positions to go on from, None where there is nothing."""

    rows: Sequence[Entry]
    older: int | None
    newer: int | None


def page_of(
    rows: QuerySet[Entry], wanted: Wanted, *, before: int | None = None, after: int | None = None, limit: int = PAGE
) -> EntryPage:
    """The newest wanted rows; those below ``before``, or the ones right above ``after``."""
    if after is not None:
        found = _first(rows, wanted, limit + 1, above=after)
        more, shown = len(found) > limit, found[:limit][::-1]
        return EntryPage(shown, after + 1, shown[0].seq if more else None)
    found = _first(rows, wanted, limit + 1, below=before)
    shown = found[:limit]
    older = shown[-1].seq if len(found) > limit else None
    return EntryPage(shown, older, shown[0].seq if shown and before is not None else None)


def _first(
    rows: QuerySet[Entry], wanted: Wanted, limit: int, *, below: int | None = None, above: int | None = None
) -> list[Entry]:
    upwards = above is not None
    found = [
        list(
            (
                query.filter(seq__gt=above) if upwards else query.filter(seq__lt=below) if below is not None else query
            ).order_by("seq" if upwards else "-seq")[:limit]
        )
        for query in wanted.of(rows)
    ]
    return list(islice(_merged(found, upwards=upwards), limit))


def stream_of(rows: QuerySet[Entry], wanted: Wanted) -> Iterator[Entry]:
    """All wanted rows that the journal has now, oldest first.

    Each piece is a query of its own, from the last position on: a cursor of the server would belong to one connection,
    and the pieces of a download are read by several threads.
    """
    head = Head.objects.values_list("seq", flat=True).first() or 0
    position = 0
    while True:
        piece = _first(rows.filter(seq__lte=head), wanted, CHUNK, above=position)
        yield from piece
        if len(piece) < CHUNK:
            return
        position = piece[-1].seq or 0


def _merged(parts: Sequence[Sequence[Entry]], *, upwards: bool) -> Iterator[Entry]:
    """In order, and a row that several parts have only once."""
    ordered = merge(*parts, key=_position, reverse=not upwards)
    return (next(rows) for _, rows in groupby(ordered, key=_position))


def _shifted(moment: datetime.datetime, by: datetime.timedelta) -> datetime.datetime:
    """At the ends of the calendar the moment itself."""
    try:
        return moment + by
    except OverflowError:
        return moment


def _position_at(moment: datetime.datetime, otherwise: int) -> int:
    """The position of the first row of that time or later: where to begin to look, not what is wanted."""
    found = Entry.objects.filter(at__gte=moment, seq__isnull=False).order_by("at", "seq")
    return found.values_list("seq", flat=True).first() or otherwise


def _position(entry: Entry) -> int:
    return entry.seq or 0
