"""`/api/usage`: what was used in a department."""

import datetime
import uuid

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from ninja import Router

from portal.accounts.door import actor_of
from portal.api.refusals import REFUSALS
from portal.api.shapes import UsageOut, UsedOut
from portal.core.clock import now
from portal.core.declare import declares
from portal.core.errors import Invalid
from portal.runs.selectors import Used, usage_of

router = Router()

DAYS = 30
MOST_DAYS = 3660


@router.get("", response={200: UsageOut, **REFUSALS})
@declares("usage.view")
def read_usage(
    request: HttpRequest,
    department: uuid.UUID,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
) -> UsageOut:
    """Of runs that began in ``[since, until)``; without them, in the last 30 days."""
    end = _aware(until) if until else now()
    begin = _aware(since) if since else end - datetime.timedelta(days=DAYS)
    if begin >= end or (end - begin).days > MOST_DAYS:
        raise Invalid(
            ngettext(
                "The time must be at least an instant and at most %(most_days)s day.",
                "The time must be at least an instant and at most %(most_days)s days.",
                MOST_DAYS,
            )
            % {"most_days": MOST_DAYS},
            details={"field": "since"},
        )
    found = usage_of(actor_of(request), department, begin, end)
    return UsageOut(
        since=begin,
        until=end,
        total=_used_out(found.total),
        departments=[_used_out(row) for row in found.by_department],
        workspaces=[_used_out(row) for row in found.by_workspace],
        people=[_used_out(row) for row in found.by_person],
    )


def _aware(moment: datetime.datetime) -> datetime.datetime:
    """Raises Invalid."""
    if moment.tzinfo is None or not 1 < moment.year < 9999:
        raise Invalid(_("A time carries its offset, such as 2026-11-24T00:00:00Z."), details={"field": "since"})
    return moment


def _used_out(row: Used) -> UsedOut:
    return UsedOut(
        name=row.name,
        runs=row.runs,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        reasoning_tokens=row.reasoning_tokens,
    )
