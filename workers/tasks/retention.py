from celery import shared_task

from portal.core.actor import system_actor
from portal.core.declare import declares
from portal.core.jobs import send_now
from portal.retention.services.sweep import sweep

NAME = "retention.sweep"
# Others wait in the same queue, so a long sweep goes on in another job.
SECONDS = 5


@shared_task(name=NAME)
@declares("retention.sweep")
def sweep_retention() -> None:
    if sweep(system_actor("retention"), seconds=SECONDS).more:
        send_now(NAME, {}, "background")
