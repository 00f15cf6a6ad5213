"""`/api/audit`: the audit journal for auditors; for everybody else there is nothing here."""

import datetime
import uuid
from collections.abc import Iterator
from typing import Annotated, Literal

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from portal.accounts.door import actor_of
from portal.api.shapes import EntryOut, Error, Page
from portal.audit.exports import Format, export
from portal.audit.models import Entry
from portal.audit.ocsf import details_of
from portal.audit.scene import because_of_platform_role
from portal.audit.selectors import entries
from portal.audit.wanted import Wanted, page_of
from portal.core.actor import Actor
from portal.core.declare import declares
from portal.core.errors import Invalid, NotFound

router = Router()

REFUSALS = {400: Error, 401: Error, 404: Error, 503: Error}
MEDIA = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
# PostgreSQL's bigint.
LAST_SEQ = 2**63 - 1

Word = Annotated[str, Field(max_length=64)]


class WantedIn(Schema):
    person: uuid.UUID | None = None
    action: Word = ""
    outcome: Literal["", "allowed", "denied", "failed"] = ""
    object_type: Word = ""
    object_id: Word = ""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    reason: Annotated[str, Field(max_length=200)] = ""

    def wanted(self) -> Wanted:
        """Raises Invalid."""
        for moment in (self.since, self.until):
            if moment is not None and moment.tzinfo is None:
                raise Invalid(_("A moment needs its zone, such as 2026-11-24T00:00:00Z."), code="no_zone")
        if "\x00" in self.action + self.object_type + self.object_id + self.reason:
            raise Invalid
        return Wanted(**self.dict())


def auditor(request: HttpRequest) -> Actor:
    """Raises NotFound."""
    actor = actor_of(request)
    if not actor.is_auditor:
        raise NotFound(reason="role")
    because_of_platform_role(actor)
    return actor


@router.get("", response={200: Page[EntryOut], **REFUSALS})
@declares("audit.view")
def list_entries(
    request: HttpRequest,
    wanted: Query[WantedIn],
    cursor: Annotated[int | None, Field(ge=0, le=LAST_SEQ)] = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
) -> Page[EntryOut]:
    """Newest first; ``next`` is the ``cursor`` of the older rows."""
    found = page_of(entries(auditor(request)), wanted.wanted(), before=cursor, limit=limit)
    return Page(items=[entry_out(row) for row in found.rows], next=str(found.older) if found.older else None)


@router.get("/export", response={200: str, **REFUSALS})
@declares("audit.export")
def export_entries(request: HttpRequest, wanted: Query[WantedIn], format: Format = "jsonl") -> StreamingHttpResponse:
    """All that is wanted, oldest first, as JSON lines in the shape of OCSF or as CSV."""
    return download(export(auditor(request), wanted.wanted(), format), format)


def download(pieces: Iterator[bytes], form: Format) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="audit.{form}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=MEDIA[form], headers=headers)


def entry_out(row: Entry) -> EntryOut:
    return EntryOut(
        seq=row.seq or 0,
        id=row.id,
        at=row.at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        on_behalf_of=row.on_behalf_of_id,
        action=row.action,
        object_type=row.object_type,
        object_id=row.object_id,
        outcome=row.outcome,
        reason=row.reason,
        place=row.place,
        address=row.address,
        details=details_of(row),
        seal=row.seal,
        hash=row.hash,
    )
