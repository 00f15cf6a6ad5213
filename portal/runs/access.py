import uuid

from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound
from portal.core.prepared import VisibleRow
from portal.runs.models import Run

_visible = VisibleRow(lambda actor, pk: Run.objects.visible_to(actor).filter(pk=pk).order_by())
_stoppable = VisibleRow(lambda actor, pk: Run.objects.allowed(actor, "message.ask").filter(pk=pk).order_by())


def run_for_view(actor: Actor, run_id: uuid.UUID) -> Run:
    """Raises NotFound."""
    run = _visible.get(actor, run_id)
    if run is None:
        raise NotFound
    return run


def run_for_cancel(actor: Actor, run_id: uuid.UUID) -> Run:
    """Raises NotFound, and Forbidden where the actor may follow the run but not stop it."""
    run_for_view(actor, run_id)
    run = _stoppable.get(actor, run_id)
    if run is None:
        raise Forbidden
    return run


def runs_still_visible(actor: Actor, run_ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Those of ``run_ids`` that the actor may follow at this moment."""
    return set(Run.objects.visible_to(actor).filter(pk__in=run_ids).values_list("pk", flat=True))
