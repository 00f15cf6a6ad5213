import uuid

from portal.core.actor import Actor
from portal.core.errors import NotFound
from portal.runs.models import Run


def run_for_view(actor: Actor, run_id: uuid.UUID) -> Run:
    """Raises NotFound."""
    run = Run.objects.visible_to(actor).filter(pk=run_id).first()
    if run is None:
        raise NotFound
    return run


def runs_still_visible(actor: Actor, run_ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Those of ``run_ids`` that the actor may follow at this moment."""
    return set(Run.objects.visible_to(actor).filter(pk__in=run_ids).values_list("pk", flat=True))
