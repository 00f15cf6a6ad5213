import uuid

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from portal.accounts.door import actor_of
from portal.api.present import run_out
from portal.api.refusals import REFUSALS
from portal.api.shapes import RunOut
from portal.core.declare import declares
from portal.runs.access import run_for_cancel, run_for_view
from portal.runs.services.answer_now import answer_now
from portal.runs.services.start import stop_run

router = Router()


@router.get("/{uuid:run_id}", response={200: RunOut, **REFUSALS})
@declares("run.view")
def read_run(request: HttpRequest, run_id: uuid.UUID) -> RunOut:
    return run_out(run_for_view(actor_of(request), run_id))


@router.post("/{uuid:run_id}/cancel", response={202: RunOut, **REFUSALS})
@declares("run.cancel")
def cancel_run(request: HttpRequest, run_id: uuid.UUID) -> Status[RunOut]:
    actor = actor_of(request)
    run = run_for_cancel(actor, run_id)
    stop_run(actor, run)
    run.refresh_from_db()
    return Status(202, run_out(run))


@router.post("/{uuid:run_id}/answer-now", response={202: RunOut, **REFUSALS})
@declares("run.answer_now")
def end_thinking(request: HttpRequest, run_id: uuid.UUID) -> Status[RunOut]:
    """The run goes on to its answer; where it does not think any more, nothing changes."""
    actor = actor_of(request)
    run = run_for_cancel(actor, run_id)
    answer_now(actor, run)
    run.refresh_from_db()
    return Status(202, run_out(run))
