import uuid

from celery import shared_task

from portal.chat.imports.execution import resume_lost, tidy_up
from portal.core.declare import declares
from workers.adapters.imports import execute


@shared_task(name="imports.execute")
@declares("import.execute")
def execute_import(import_id: str) -> None:
    """A doorbell: whoever claims the import reads its file; a second ring finds nothing to claim."""
    execute(uuid.UUID(import_id))


@shared_task(name="imports.resume")
@declares("import.resume")
def resume_imports() -> None:
    resume_lost()
    tidy_up()
