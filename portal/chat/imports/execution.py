"""Storing what a worker reads: a batch is one transaction, with its place in the file, so nothing is stored twice."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from portal.accounts.door import actor_for
from portal.audit.journal import Act, Target, record, record_acts
from portal.chat.imports import files
from portal.chat.imports.choices import ImportState
from portal.chat.imports.models import Import, ImportOrigin, ImportProblem
from portal.chat.imports.receiving import ring_on_commit
from portal.chat.imports.storing import Incoming, store
from portal.core.actor import Actor, system_actor
from portal.core.clock import now
from portal.core.errors import Forbidden, NotSignedIn
from portal.departments.access import workspace_for_conversation
from portal.departments.models import Workspace

IMPORTER = system_actor("importer")
LEASE_SECONDS = 20
MOST_ATTEMPTS = 5
MOST_PROBLEMS = 1_000
KEPT_DAYS = 30
ABANDONED_HOURS = 24

_CLAIM = """
UPDATE chat_import SET state = 'running', fence = fence + 1, attempts = attempts + 1,
    lease_until = now() + make_interval(secs => %s)
WHERE id = %s AND cancel_requested_at IS NULL AND (state = 'queued' OR state = 'running' AND lease_until < now())
    AND attempts < %s
RETURNING fence, position
"""
_EXTEND = """
UPDATE chat_import SET lease_until = now() + make_interval(secs => %s)
WHERE id = %s AND fence = %s AND state = 'running' RETURNING cancel_requested_at IS NOT NULL
"""


class Lost(Exception):
    """The import is another worker's, or over."""


@dataclass(frozen=True, slots=True)
class Claim:
    id: uuid.UUID
    fence: int
    position: int
    path: Path


@dataclass(frozen=True, slots=True)
class Problem:
    number: int
    title: str
    code: str


@dataclass(slots=True)
class Batch:
    """What was read up to conversation ``position`` of the file."""

    position: int = 0
    share: float = 0
    conversations: list[Incoming] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def claim(import_id: uuid.UUID) -> Claim | None:
    """None where there is nothing to do, or another worker does it."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [LEASE_SECONDS, import_id, MOST_ATTEMPTS])
        row = cursor.fetchone()
    return Claim(import_id, row[0], row[1], files.path_of(import_id)) if row else None


def extend(claimed: Claim) -> bool:
    """Keep the claim; whether the import is to go on. Raises Lost."""
    with connection.cursor() as cursor:
        cursor.execute(_EXTEND, [LEASE_SECONDS, claimed.id, claimed.fence])
        row = cursor.fetchone()
    if row is None:
        raise Lost
    return not row[0]


@transaction.atomic
def store_batch(claimed: Claim, batch: Batch) -> None:
    """Raises Lost; NotFound, Forbidden: the owner may no longer start conversations in the workspace."""
    found = _owned(claimed)
    workspace = _workspace(found)
    known = _known(found, batch.conversations)
    fresh = [item for item in batch.conversations if (item.source, item.id) not in known]
    stored = store(found.owner_id, workspace.pk, fresh)
    record_acts(
        IMPORTER,
        [Act("conversation.import", Target("conversation", pk), on_behalf_of=found.owner_id) for pk in stored],
    )
    _note_problems(found, batch.problems)
    found.position, found.share = batch.position, batch.share
    found.imported += len(fresh)
    found.unchanged += len(batch.conversations) - len(fresh)
    found.failed += len(batch.problems)
    found.messages += sum(len(item.messages) for item in fresh)
    found.files_left_out += sum(item.files for item in fresh)
    # Whoever gets on is not the reason for which an import is given up.
    found.attempts = 1
    found.lease_until = now() + datetime.timedelta(seconds=LEASE_SECONDS)
    found.save()


@transaction.atomic
def finish(claimed: Claim, error_code: str = "") -> None:
    """The end, whatever it is. Raises Lost."""
    found = _owned(claimed)
    if found.cancel_requested_at is not None:
        found.state = ImportState.CANCELLED
    else:
        found.state = ImportState.FAILED if error_code else ImportState.FINISHED
        found.error_code = error_code
        found.share = found.share if error_code else 1
    _end(found)


def resume_lost() -> None:
    """For the timetable: ring again for what waits or was lost, give up what fails again and again, tidy up."""
    with transaction.atomic():
        lost = Import.objects.select_for_update(skip_locked=True).filter(
            state=ImportState.RUNNING, lease_until__lt=now()
        )
        for found in lost:
            if found.cancel_requested_at is not None:
                found.state = ImportState.CANCELLED
                _end(found)
            elif found.attempts >= MOST_ATTEMPTS:
                found.state, found.error_code = ImportState.FAILED, "interrupted"
                _end(found)
            else:
                ring_on_commit(found.pk)
        for pk in Import.objects.filter(state=ImportState.QUEUED).values_list("pk", flat=True):
            ring_on_commit(pk)


@transaction.atomic
def tidy_up() -> None:
    """Give up uploads that stopped coming, and forget imports that are long over. What a hold covers stays."""
    stopped = now() - datetime.timedelta(hours=ABANDONED_HOURS)
    for found in Import.objects.select_for_update(skip_locked=True).filter(
        state=ImportState.RECEIVING, received_at__lt=stopped
    ):
        found.state, found.error_code = ImportState.FAILED, "never_completed"
        _end(found)
    old = Import.objects.filter(finished_at__lt=now() - datetime.timedelta(days=KEPT_DAYS))
    old.extra(where=["NOT retention_held(chat_import.workspace_id, chat_import.owner_id)"]).delete()
    files.remove_orphans(set(Import.objects.unfinished().values_list("pk", flat=True)))


def _owned(claimed: Claim) -> Import:
    found = (
        Import.objects.select_for_update(of=("self",))
        .select_related("owner")
        .filter(pk=claimed.id, fence=claimed.fence, state=ImportState.RUNNING)
        .first()
    )
    if found is None:
        raise Lost
    return found


def _workspace(found: Import) -> Workspace:
    actor: Actor = actor_for(found.owner)
    try:
        return workspace_for_conversation(actor, found.workspace_id, asking=False)
    except NotSignedIn:
        raise Forbidden from None


def _known(found: Import, conversations: Sequence[Incoming]) -> set[tuple[str, str]]:
    """Those that were imported before, and of our own exports those that are still there."""
    ids = [item.id for item in conversations]
    origins = ImportOrigin.objects.filter(owner_id=found.owner_id, external_id__in=ids)
    known = set(origins.values_list("source", "external_id"))
    own = {item.id: pk for item in conversations if item.source == "appliance" and (pk := _uuid(item.id))}
    there = set(found.owner.conversations.filter(pk__in=own.values()).values_list("pk", flat=True))
    return known | {("appliance", name) for name, pk in own.items() if pk in there}


def _note_problems(found: Import, problems: Sequence[Problem]) -> None:
    room = max(0, MOST_PROBLEMS - found.failed)
    ImportProblem.objects.bulk_create(
        ImportProblem(of=found, number=item.number, title=item.title[:120], code=item.code[:40])
        for item in problems[:room]
    )


def _end(found: Import) -> None:
    found.finished_at, found.lease_until = now(), None
    found.save()
    counts: dict[str, Any] = {
        name: getattr(found, name) for name in ("imported", "unchanged", "failed", "messages", "files_left_out")
    }
    record(
        IMPORTER,
        "import.execute",
        Target("import", found.pk),
        outcome="failed" if found.state == ImportState.FAILED else "allowed",
        reason=found.error_code,
        details={"state": found.state} | counts,
        on_behalf_of=found.owner_id,
    )
    pk = found.pk
    transaction.on_commit(lambda: files.remove(pk))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
