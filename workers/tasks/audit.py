import structlog
from celery import shared_task

from portal.audit.checkpoints import ChangedFile
from portal.audit.forward import forward
from portal.audit.journal import Act
from portal.audit.refusals import refusals
from portal.audit.services import CHECKPOINTS, CannotNote, note_head
from portal.core.actor import system_actor
from portal.core.declare import declares

log = structlog.get_logger(__name__)


@shared_task(name="audit.forward")
@declares("audit.forward")
def forward_rows() -> None:
    forward()


@shared_task(name="audit.checkpoint")
@declares("audit.checkpoint")
def checkpoint() -> None:
    try:
        note_head(system_actor("timetable"))
    except (CannotNote, ChangedFile, OSError) as error:
        log.error("audit.checkpoint_failed", problem=str(error))
        act = Act("audit.checkpoint", CHECKPOINTS, "failed", type(error).__name__)
        refusals.note(system_actor("timetable"), act)
