"""Every task leaves a row: what its services recorded, or that it ran; where it failed, that."""

from typing import Any

import structlog
from celery import Task
from celery.signals import task_postrun, task_prerun
from django.db import DatabaseError, InterfaceError
from psycopg_pool import PoolTimeout

from portal.audit.journal import Act
from portal.audit.refusals import refusals
from portal.audit.scene import Scene, begin, current_scene, end
from portal.audit.witness import witness
from portal.core.actor import system_actor
from portal.core.declare import declared_action

log = structlog.get_logger(__name__)

QUIET = {
    "runs.execute": "a doorbell; each run that ends leaves its row in its last transaction",
    "runs.reap": "rings every two seconds; what it takes back leaves rows in that transaction",
    "conversations.index": "rings every two seconds, and copies what stands in the database into another table of it",
    "conversations.title": "a doorbell; each title that is set leaves its row in that transaction",
    "files.read": "a doorbell; each file that was read, or could not be, leaves its row in that transaction",
    "files.reap": "rings every five seconds, and only rings",
    "imports.execute": "a doorbell; each batch and the end leave rows in their transactions",
    "imports.resume": "rings every ten seconds; what it ends leaves rows in that transaction",
    "break_glass.expire": "rings every thirty seconds; what has ended leaves rows in that transaction",
    "audit.checkpoint": "a row would move the head that it notes, for ever; the line in the file is its trace",
    "audit.forward": "rows about forwarded rows would have to be forwarded, for ever; its position says it",
}
"""Tasks that leave no row where they did nothing that has one, each with its reason. Their failures leave rows."""


@task_prerun.connect
def began(task: "Task[..., object]", **kwargs: Any) -> None:
    begin(Scene(place=str(task.name)))


@task_postrun.connect
def ended(task: "Task[..., object]", state: str | None = None, **kwargs: Any) -> None:
    scene = current_scene()
    action = declared_action(task.run)
    try:
        refusals.flush()
        if action is None:
            return
        if state == "FAILURE":
            refusals.note(system_actor(task.name), Act(action.name, outcome="failed", reason="error"))
        elif not scene.recorded and task.name not in QUIET:
            witness(system_actor(task.name), Act(action.name))
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        log.error("audit.not_recorded", action=task.name, error=type(error).__name__)
    finally:
        end()
