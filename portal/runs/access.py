import uuid
from collections.abc import Callable

from django.db import transaction

from portal.audit.scene import because
from portal.core.actor import Actor
from portal.core.errors import AppError, Forbidden, NotFound, Sealed
from portal.core.prepared import VisibleRow
from portal.runs.choices import RunKind
from portal.runs.models import Run

_viewable = VisibleRow(
    lambda actor, pk: Run.objects.allowed(actor, "conversation.view").with_reason(actor).filter(pk=pk).order_by()
)
_stoppable = VisibleRow(
    lambda actor, pk: Run.objects.allowed(actor, "message.ask").with_reason(actor).filter(pk=pk).order_by()
)

SealedReading = Callable[[Actor, Run], None]
"""Records that a run is followed under break-glass, in the caller's transaction; what it raises refuses it."""

_readings: dict[str, SealedReading] = {}


def register_sealed_reading(kind: RunKind, note: SealedReading) -> None:
    """Called once by the room that starts runs of this kind."""
    _readings[kind] = note


def run_for_view(actor: Actor, run_id: uuid.UUID) -> Run:
    """For following. Under break-glass that is recorded first.

    Raises:
        NotFound: it is missing, or not visible to the actor.
        Sealed: it is there, and he administers what it is in.
    """
    run = _viewable.get(actor, run_id)
    if run is None:
        return _read_sealed(actor, run_id)
    because(run.allowed_by)
    return run


def run_for_cancel(actor: Actor, run_id: uuid.UUID) -> Run:
    """Raises as ``run_for_view`` does, and Forbidden where the actor may follow the run but not stop it."""
    if _viewable.get(actor, run_id) is None:
        if not Run.objects.visible_to(actor).filter(pk=run_id).exists():
            _refuse_sealed(actor, run_id)
            raise NotFound
        raise Forbidden
    run = _stoppable.get(actor, run_id)
    if run is None:
        raise Forbidden
    because(run.allowed_by)
    return run


def runs_still_visible(actor: Actor, run_ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Those of ``run_ids`` that the actor may follow at this moment."""
    return set(Run.objects.visible_to(actor).filter(pk__in=run_ids).values_list("pk", flat=True))


def refusal_of(actor: Actor, run_id: uuid.UUID) -> AppError:
    """What the door says of a run that the actor does not see."""
    try:
        _refuse_sealed(actor, run_id)
    except Sealed as sealed:
        return sealed
    return NotFound()


def _read_sealed(actor: Actor, run_id: uuid.UUID) -> Run:
    if actor.has_platform_role:
        with transaction.atomic():
            run = Run.objects.unsealed_for(actor.person_id).filter(pk=run_id).first()
            if run is not None:
                _readings[run.kind](actor, run)
                return run
    _refuse_sealed(actor, run_id)
    raise NotFound


def _refuse_sealed(actor: Actor, run_id: uuid.UUID) -> None:
    """Raises Sealed where a platform administrator names one that is there."""
    if actor.is_platform_administrator and Run.objects.filter(pk=run_id).exists():
        raise Sealed(details={"run": str(run_id)})
