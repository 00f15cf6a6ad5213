"""Breaking off a model's thinking: the same run goes on to its answer."""

from django.db import transaction

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.clock import now
from portal.runs.doorbell import ring_answer_now_on_commit
from portal.runs.models import Run


@transaction.atomic
def answer_now(actor: Actor, run: Run) -> None:
    """Ask the run's worker, and every later one, to answer without more thinking.

    A run that does not think, is final or is being stopped stays as it is; asking twice changes nothing.
    """
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.is_final or locked.cancel_requested_at or locked.answer_now_at or locked.thinking == "off":
        return
    locked.answer_now_at = now()
    locked.save(update_fields=["answer_now_at"])
    record(actor, "run.answer_now", Target("run", run.pk))
    ring_answer_now_on_commit(run.pk)
