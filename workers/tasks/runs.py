import uuid

from celery import shared_task

from portal.chat.services.answer import take_back_lost_answers
from portal.core.declare import declares
from workers.adapters.process import worker_process


@shared_task(name="runs.execute")
@declares("run.execute")
def execute_run(run_id: str) -> None:
    """A doorbell: whoever claims the run answers it; a second ring finds nothing to claim."""
    worker_process().answer(uuid.UUID(run_id)).result()


@shared_task(name="runs.reap")
@declares("run.reap")
def reap_runs() -> None:
    take_back_lost_answers()
