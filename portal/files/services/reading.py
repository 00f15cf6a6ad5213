"""How a file's text comes in: claimed by one worker at a time, stored at once, begun again where a worker was lost."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from portal.audit.journal import Target, record
from portal.core.actor import system_actor
from portal.core.clock import now
from portal.core.jobs import send_now
from portal.core.text import storable
from portal.files.choices import FileState
from portal.files.models import File, Page
from portal.files.services.upload import READ_JOB

READER = system_actor("reader of files")
LEASE = datetime.timedelta(seconds=30)
RING_AFTER = datetime.timedelta(seconds=10)
MOST_ATTEMPTS = 3
ROWS_AT_ONCE = 200
# What takes a token in most languages; engines count for themselves.
CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Claimed:
    file: uuid.UUID
    attempt: int
    name: str
    stored_as: uuid.UUID


@dataclass(frozen=True, slots=True)
class ReadPage:
    title: str
    text: str


def tokens_of(text: str) -> int:
    return (len(text.encode("utf-8", "replace")) + CHARACTERS_A_TOKEN - 1) // CHARACTERS_A_TOKEN


def claim(file_id: uuid.UUID) -> Claimed | None:
    """None where it is read already, being read, or gone."""
    with transaction.atomic():
        free = Q(state=FileState.QUEUED) | Q(state=FileState.READING, lease_until__lt=now())
        file = File.objects.select_for_update(skip_locked=True).filter(free, pk=file_id).first()
        if file is None:
            return None
        if file.attempts >= MOST_ATTEMPTS:
            _close(file, "worker_lost")
            return None
        file.state, file.attempts, file.lease_until = FileState.READING, file.attempts + 1, now() + LEASE
        file.page_count = 0
        file.save(update_fields=["state", "attempts", "lease_until", "page_count"])
        return Claimed(file.pk, file.attempts, file.name, file.stored_as)


def progress(claimed: Claimed, page_count: int) -> bool:
    """Say how far it is, and go on holding it. False where it is no longer ours, or gone."""
    held = File.objects.filter(pk=claimed.file, state=FileState.READING, attempts=claimed.attempt)
    return bool(held.update(page_count=page_count, lease_until=now() + LEASE))


@transaction.atomic
def store(claimed: Claimed, kind: str, pages: Sequence[ReadPage], *, has_view: bool) -> bool:
    """All pages, or none. False where the file is no longer ours, or gone."""
    file = _ours(claimed)
    if file is None:
        return False
    rows = [_row(file.pk, number, page) for number, page in enumerate(pages, start=1)]
    Page.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    file.state, file.kind, file.has_view, file.lease_until = FileState.READY, kind[:16], has_view, None
    file.page_count = len(rows)
    file.characters, file.tokens = sum(row.characters for row in rows), sum(row.tokens for row in rows)
    file.save()
    details = {"kind": file.kind, "pages": file.page_count, "characters": file.characters}
    record(READER, "file.read", Target("file", file.pk), details=details, on_behalf_of=file.owner_id)
    return True


@transaction.atomic
def refuse(claimed: Claimed, code: str) -> bool:
    """The file cannot be read; its owner is told why. False where it is no longer ours, or gone."""
    file = _ours(claimed)
    if file is None:
        return False
    _close(file, code)
    return True


def ring_again() -> int:
    """Ring for files that nobody has begun to read, and for those whose worker was lost; how many they were."""
    waiting = Q(state=FileState.QUEUED, rung_at__lt=now() - RING_AFTER)
    lost = Q(state=FileState.READING, lease_until__lt=now())
    found = list(File.objects.filter(waiting | lost).order_by("rung_at").values_list("pk", flat=True)[:100])
    if found:
        File.objects.filter(pk__in=found).update(rung_at=now())
    for pk in found:
        send_now(READ_JOB, {"file_id": str(pk)}, "background")
    return len(found)


def _ours(claimed: Claimed) -> File | None:
    held = File.objects.select_for_update().filter(state=FileState.READING)
    return held.filter(pk=claimed.file, attempts=claimed.attempt).first()


def _row(file_id: uuid.UUID, number: int, page: ReadPage) -> Page:
    text = storable(page.text)
    return Page(
        file_id=file_id,
        number=number,
        title=storable(page.title)[:500],
        text=text,
        characters=len(text),
        tokens=tokens_of(text),
    )


def _close(file: File, code: str) -> None:
    file.state, file.error_code, file.lease_until = FileState.FAILED, code, None
    file.save(update_fields=["state", "error_code", "lease_until"])
    target = Target("file", file.pk)
    record(READER, "file.read", target, outcome="failed", reason=code, on_behalf_of=file.owner_id)
