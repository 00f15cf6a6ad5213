import uuid

from celery import shared_task

from portal.chat.services.answer import take_back_lost_answers
from portal.core.declare import declares
from portal.runs.services.start import stop_withdrawn_runs
from workers.adapters.process import worker_process


@shared_task(name="runs.execute")
@declares("run.execute")
def execute_runs(run_ids: list[str]) -> None:
    """A doorbell: whoever claims a run answers it; a second ring finds nothing to claim."""
    worker_process().answer([uuid.UUID(run_id) for run_id in run_ids]).result()


@shared_task(name="runs.reap")
@declares("run.reap")
def reap_runs() -> None:
    take_back_lost_answers()
    stop_withdrawn_runs()
