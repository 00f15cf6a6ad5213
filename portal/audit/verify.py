"""Checking the journal: each row's seal, columns, hash and link, the head, the checkpoints, and the triggers."""

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import orjson
from django.conf import settings
from django.db import connection, transaction

from portal.audit import guards
from portal.audit.checkpoints import Checkpoint, Checkpoints
from portal.audit.journal import written_body
from portal.audit.keys import flaw
from portal.audit.models import Entry, Head
from portal.core.clock import now

GENESIS = "0" * 64
AFTER_ALL = 2**63
# A journal this old has been noted outside the database, or nobody does it.
NOTED_WITHIN = datetime.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """``seq`` is the row that it is about, 0 where it is about none."""

    seq: int
    problem: str


@dataclass(frozen=True, slots=True)
class Report:
    entries: int
    head: str
    checkpoints: int
    findings: tuple[Finding, ...]

    @property
    def intact(self) -> bool:
        return not self.findings


def link_hash(previous: str, seq: int, body: str, seal: str) -> str:
    """SHA-256 over ``previous LF seq LF body LF seal`` in UTF-8, as the trigger computes it in PostgreSQL.

    Rows from before there were seals have none, nor the LF before it.
    """
    sealed = f"{body}\n{seal}" if seal else body
    return hashlib.sha256(f"{previous}\n{seq}\n{sealed}".encode()).hexdigest()


def verify_chain(*, most_findings: int = 100, copies: Sequence[Path] = ()) -> Report:
    """Stream the journal once, in order, and report the first ``most_findings`` problems.

    Args:
        copies: files with copies of the checkpoints' lines, which know what the file beside us may have lost; the one
            of ``APPLIANCE_AUDIT_HEADS_SECOND`` is always among them.

    Raises:
        OSError: a file of checkpoints cannot be read.
    """
    # Before the snapshot: whatever a checkpoint names was committed before it was written.
    named = [*copies, *([settings.AUDIT_HEADS_SECOND] if settings.AUDIT_HEADS_SECOND else [])]
    # The copies first: a line is in the file before it is in a copy.
    known = [Checkpoints(path, is_copy=True) for path in dict.fromkeys(named)]
    checkpoints = Checkpoints(settings.AUDIT_HEADS)
    # One snapshot for rows and head: entries committed meanwhile are not a gap.
    with transaction.atomic():
        transaction.get_connection().cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return verify_as_seen(checkpoints, most_findings=most_findings, copies=known)


def verify_as_seen(checkpoints: Checkpoints, *, most_findings: int = 100, copies: Sequence[Checkpoints] = ()) -> Report:
    """The same in the caller's transaction, as it sees the rows."""
    walk = _Walk(checkpoints, copies)
    found = chain(
        (Finding(0, problem) for problem in guards.problems()),
        _unchained(),
        walk.over(_rows()),
        walk.at_the_end(),
    )
    findings = tuple(islice(found, most_findings))
    return Report(entries=walk.count, head=walk.previous, checkpoints=walk.noted.count, findings=findings)


class Row(NamedTuple):
    """A row as text, made by PostgreSQL: a million model instances would take longer than all checks."""

    seq: int
    id: str
    at: str
    actor_kind: str
    actor_id: str
    actor_name: str
    action: str
    object_type: str
    object_id: str
    outcome: str
    reason: str
    place: str
    address: str
    on_behalf_of: str
    body: str
    seal: str
    previous_hash: str
    hash: str


_ROWS = """
SELECT seq, id::text, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00'), actor_kind,
    coalesce(actor_id::text, ''), actor_name, action, object_type, object_id, outcome, reason, place, address,
    coalesce(on_behalf_of_id::text, ''), body, seal, previous_hash, hash
FROM audit_entry WHERE seq IS NOT NULL ORDER BY seq
"""
CHUNK = 5_000


def _rows() -> Iterator[Row]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ROWS)
        while piece := cursor.fetchmany(CHUNK):
            yield from map(Row._make, piece)


def _unchained() -> Iterator[Finding]:
    unchained = Entry.objects.filter(seq__isnull=True).count()
    if unchained:
        yield Finding(0, f"{unchained} rows are not chained")


class _Walk:
    def __init__(self, checkpoints: Checkpoints, copies: Sequence[Checkpoints]) -> None:
        self.count = 0
        self.seq = 0
        self.previous = GENESIS
        self.noted = _Noted(checkpoints)
        self.copies = [_Noted(copy, f"{copy.path}: ") for copy in copies]
        self.seals = _Seals()

    def over(self, rows: Iterable[Row]) -> Iterator[Finding]:
        files = [self.noted, *self.copies]
        for entry in rows:
            seq = entry.seq
            if seq != self.seq + 1:
                yield Finding(seq, f"rows {self.seq + 1} to {seq - 1} are missing")
            if entry.previous_hash != self.previous:
                yield Finding(seq, "does not follow the row before it")
            if entry.hash != link_hash(entry.previous_hash, seq, entry.body, entry.seal):
                yield Finding(seq, "the body does not match its hash")
            details = _details(entry.body)
            later = (entry.place, entry.address, entry.on_behalf_of)
            if written_body(entry, entry.id, entry.at, entry.actor_id, later, details) != entry.body:
                yield Finding(seq, "the columns do not match the body")
            yield from self.seals.of(entry, details)
            for noted in files:
                if noted.next_seq <= seq:
                    yield from noted.at(seq, entry.hash)
            self.count += 1
            self.seq, self.previous = seq, entry.hash

    def at_the_end(self) -> Iterator[Finding]:
        yield from _against_head(self, Head.objects.filter(id=1).first())
        yield from self.seals.at_the_end()
        for noted in (self.noted, *self.copies):
            yield from noted.after(self.seq)
        for copy in self.copies:
            yield from self._against_copy(copy)
        if not self.noted.checkpoints:
            yield from self.seals.without_checkpoints()

    def _against_copy(self, copy: "_Noted") -> Iterator[Finding]:
        if not copy.checkpoints:
            yield Finding(0, f"{copy.checkpoints.path} is missing, or holds no checkpoint")
        elif copy.last_seq > self.noted.last_seq:
            here = f"{settings.AUDIT_HEADS} ends at row {self.noted.last_seq}"
            yield Finding(0, f"{here}, its copy {copy.checkpoints.path} at row {copy.last_seq}")


def _details(body: str) -> object:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return parsed.get("details") if isinstance(parsed, dict) else None


def _against_head(walk: _Walk, head: Head | None) -> Iterator[Finding]:
    if head is None:
        yield Finding(walk.seq, "the head is missing")
    elif head.seq != walk.seq:
        yield Finding(walk.seq, f"the head counts {head.seq} rows, the chain ends at {walk.seq}")
    elif head.hash != walk.previous:
        yield Finding(walk.seq, "the head does not match the last row")


class _Seals:
    """The application's signature of each row.

    Rows from before there were seals come first, and one sealed row names the last of them with its hash.
    """

    def __init__(self) -> None:
        self._unsealed = (0, "")
        self._vouched = True
        self._began: datetime.datetime | None = None
        self._noted = 0

    def of(self, entry: Row, details: object) -> Iterator[Finding]:
        seq = entry.seq
        if not entry.seal and self._began is None:
            self._unsealed, self._vouched = (seq, entry.hash), False
            return
        problem = flaw("seal", entry.body, entry.seal) if entry.seal else "has no seal"
        if problem:
            yield Finding(seq, f"the body {problem}" if entry.seal else problem)
            return
        self._began = self._began or datetime.datetime.fromisoformat(entry.at)
        if entry.action == "audit.seal" and isinstance(details, dict):
            self._vouched |= (details.get("rows"), details.get("hash")) == self._unsealed
        elif entry.action == "audit.begin" and entry.outcome == "allowed":
            self._noted = seq

    def at_the_end(self) -> Iterator[Finding]:
        if not self._vouched:
            yield Finding(self._unsealed[0], "this row and those before it have no seal, and no sealed row names it")

    def without_checkpoints(self) -> Iterator[Finding]:
        if self._noted:
            yield Finding(self._noted, f"checkpoints were begun here, and {settings.AUDIT_HEADS} is missing")
        elif self._began and self._began < now() - NOTED_WITHIN:
            began = self._began.isoformat(timespec="seconds")
            yield Finding(0, f"the journal began at {began}, and there is no {settings.AUDIT_HEADS}")


class _Noted:
    """The checkpoints of a file, met in their order beside the rows; ``name`` begins what is found."""

    def __init__(self, checkpoints: Checkpoints, name: str = "") -> None:
        self.checkpoints = checkpoints
        self.count = 0
        # Of the good lines that were met.
        self.last_seq = 0
        # The row that comes next; at first one that any row reaches, so that the file is begun.
        self.next_seq = 0
        self._name = name
        self._lines = iter(checkpoints)
        self._next: Checkpoint | None = None
        self._started = False

    def _start(self) -> Iterator[Finding]:
        if not self._started:
            self._started = True
            yield from self._advance()

    def _advance(self) -> Iterator[Finding]:
        """Go to the next good line; those that are not are findings."""
        self._next, self.next_seq = None, AFTER_ALL
        for line in self._lines:
            if not line.flaw and line.checkpoint:
                self.count += 1
                self._next = line.checkpoint
                self.next_seq = self.last_seq = line.checkpoint.seq
                return
            seq = line.checkpoint.seq if line.checkpoint else 0
            yield Finding(seq, f"{self._name}checkpoint {line.number} {line.flaw}")

    def at(self, seq: int, link: str) -> Iterator[Finding]:
        yield from self._start()
        while self._next is not None and self._next.seq <= seq:
            if (self._next.seq, self._next.hash) != (seq, link):
                yield Finding(self._next.seq, f"{self._name}is not the row that was noted at {self._next.at}")
            yield from self._advance()

    def after(self, last: int) -> Iterator[Finding]:
        yield from self._start()
        furthest = None
        while self._next is not None:
            furthest = self._next
            yield from self._advance()
        if furthest is not None:
            text = f"the journal ends here, but had {furthest.seq} rows at {furthest.at}"
            yield Finding(last, f"{self._name}{text}")
