import uuid

from django.http import HttpRequest
from ninja import Router

from portal.accounts.door import actor_of
from portal.api.cursor import decode_cursor, encode_cursor
from portal.api.shapes import Error, NoticeOut, Page
from portal.core.declare import declares
from portal.notices.kinds import as_shown
from portal.notices.models import Notice
from portal.notices.selectors import notices, notices_before
from portal.notices.services import dismiss

router = Router()

PAGE = 30
REFUSALS = {400: Error, 401: Error, 403: Error, 404: Error, 415: Error, 503: Error}


@router.get("", response={200: Page[NoticeOut], **REFUSALS})
@declares("notice.list")
def list_notices(request: HttpRequest, cursor: str = "") -> Page[NoticeOut]:
    actor = actor_of(request)
    found = notices(actor)
    if cursor:
        found = notices_before(found, *decode_cursor(cursor))
    rows = list(found[: PAGE + 1])
    more = encode_cursor(rows[PAGE - 1].created_at, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return Page(items=[notice_out(row) for row in as_shown(actor, rows[:PAGE])], next=more)


@router.post("/{uuid:notice_id}/dismiss", response={200: NoticeOut, **REFUSALS})
@declares("notice.dismiss")
def dismiss_notice(request: HttpRequest, notice_id: uuid.UUID) -> NoticeOut:
    return notice_out(dismiss(actor_of(request), notice_id))


def notice_out(row: Notice) -> NoticeOut:
    return NoticeOut(id=row.pk, kind=row.kind, about=row.about, body=row.body, at=row.created_at, seen_at=row.seen_at)
