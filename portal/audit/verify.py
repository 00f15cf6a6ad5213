"""Checking the chain: every row's hash, its link to the row before, its columns against its body, and the head."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson
from django.db import transaction

from portal.audit.journal import canonical_time
from portal.audit.models import Entry, Head

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Finding:
    seq: int
    problem: str


@dataclass(frozen=True, slots=True)
class Report:
    entries: int
    head: str
    findings: tuple[Finding, ...]

    @property
    def intact(self) -> bool:
        return not self.findings


def link_hash(previous: str, seq: int, body: str) -> str:
    """SHA-256 over ``previous LF seq LF body`` in UTF-8; the trigger computes the same in PostgreSQL."""
    return hashlib.sha256(f"{previous}\n{seq}\n{body}".encode()).hexdigest()


def verify_chain(*, most_findings: int = 100) -> Report:
    """Stream the journal once, in order, and report the first ``most_findings`` problems."""
    # One snapshot for rows and head: entries committed meanwhile are not a gap.
    with transaction.atomic():
        transaction.get_connection().cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return verify_as_seen(most_findings=most_findings)


def verify_as_seen(*, most_findings: int = 100) -> Report:
    """The same in the caller's transaction, as it sees the rows."""
    unchained = Entry.objects.filter(seq__isnull=True).count()
    walk = _Walk()
    findings: list[Finding] = [Finding(0, f"{unchained} rows are not chained")] if unchained else []
    for finding in walk.over(Entry.objects.filter(seq__isnull=False).order_by("seq").iterator(chunk_size=5000)):
        findings.append(finding)
        if len(findings) >= most_findings:
            break
    else:
        findings.extend(_against_head(walk, Head.objects.filter(id=1).first()))
    return Report(entries=walk.count, head=walk.previous, findings=tuple(findings))


class _Walk:
    def __init__(self) -> None:
        self.count = 0
        self.seq = 0
        self.previous = GENESIS

    def over(self, entries: Iterable[Entry]) -> Iterator[Finding]:
        for entry in entries:
            seq = entry.seq or 0
            if seq != self.seq + 1:
                yield Finding(seq, f"rows {self.seq + 1} to {seq - 1} are missing")
            if entry.previous_hash != self.previous:
                yield Finding(seq, "does not follow the row before it")
            if entry.hash != link_hash(entry.previous_hash, seq, entry.body):
                yield Finding(seq, "the body does not match its hash")
            if not _columns_match(entry):
                yield Finding(seq, "the columns do not match the body")
            self.count += 1
            self.seq, self.previous = seq, entry.hash


def _columns_match(entry: Entry) -> bool:
    try:
        body = orjson.loads(entry.body)
    except orjson.JSONDecodeError:
        return False
    expected = {
        "id": str(entry.id),
        "at": canonical_time(entry.at),
        "actor": [entry.actor_kind, str(entry.actor_id or ""), entry.actor_name],
        "action": entry.action,
        "object": [entry.object_type, entry.object_id],
        "outcome": entry.outcome,
        "reason": entry.reason,
    }
    return isinstance(body, dict) and {key: value for key, value in body.items() if key != "details"} == expected


def _against_head(walk: _Walk, head: Head | None) -> Iterator[Finding]:
    if head is None:
        yield Finding(walk.seq, "the head is missing")
    elif head.seq != walk.seq:
        yield Finding(walk.seq, f"the head counts {head.seq} rows, the chain ends at {walk.seq}")
    elif head.hash != walk.previous:
        yield Finding(walk.seq, "the head does not match the last row")
