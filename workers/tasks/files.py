import uuid

from celery import shared_task

from portal.core.actor import system_actor
from portal.core.declare import declares
from portal.files.services.reading import ring_again
from portal.files.services.sweep import sweep
from workers.adapters.files import read


@shared_task(name="files.read")
@declares("file.read")
def read_one(file_id: str) -> None:
    """A doorbell: whoever claims the file reads it."""
    read(uuid.UUID(file_id))


@shared_task(name="files.reap")
@declares("file.read")
def ring_for_waiting() -> None:
    ring_again()


@shared_task(name="files.sweep")
@declares("file.remove")
def sweep_unattached() -> None:
    sweep(system_actor("timetable"))
