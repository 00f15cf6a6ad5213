"""The worker process's beginning and end, by Celery's signals."""

from typing import Any

from celery.signals import worker_init, worker_shutdown, worker_shutting_down

from workers.adapters.process import worker_process


@worker_init.connect
def begin(**kwargs: Any) -> None:
    """Warm before the first question: loop, connections and engine."""
    worker_process()


@worker_shutting_down.connect
def give_back(**kwargs: Any) -> None:
    worker_process().release()


@worker_shutdown.connect
def end(**kwargs: Any) -> None:
    worker_process().close()
