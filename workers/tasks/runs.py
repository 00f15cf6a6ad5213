import uuid

from celery import shared_task
from django.db import connection

from portal.chat.selectors import prompt_turns
from portal.chat.services.answer import settle_unowned_answers
from portal.core.declare import declares
from portal.runs.services.lease import claim_run
from portal.runs.services.recovery import reap
from workers.adapters.process import worker_process


@shared_task(name="runs.execute")
@declares("run.execute")
def execute_run(run_id: str) -> None:
    """A doorbell: whoever claims the run answers it; a second ring finds nothing to claim."""
    process = worker_process()
    claim = claim_run(uuid.UUID(run_id), process.name)
    if claim is None:
        return
    turns = prompt_turns(claim.run)
    # Hundreds of these wait here; the connection must not wait with them.
    connection.close()
    process.answer(claim, turns).result()


@shared_task(name="runs.reap")
@declares("run.reap")
def reap_runs() -> None:
    settle_unowned_answers(reap().ended)
