from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from portal.core.declare import declares


@shared_task(name="system.sweep")
@declares("system.sweep")
def sweep() -> None:
    SessionStore.clear_expired()
