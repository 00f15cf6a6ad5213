"""Sending jobs: by name, from this one place. Callers send after their transaction has committed.

A job is a doorbell: the row it names is the truth, so a message that cannot be sent is logged and left to the reaper.
"""

from typing import Any, Literal

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

Queue = Literal["interactive", "background"]


def send_now(name: str, arguments: dict[str, Any], queue: Queue) -> bool:
    """Ring now; False where the broker is out of reach."""
    try:
        current_app.send_task(name, kwargs=arguments, queue=queue, ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("job.not_sent", job=name, error=type(error).__name__)
        return False
    return True
