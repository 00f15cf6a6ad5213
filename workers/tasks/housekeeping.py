from celery import shared_task

from portal.accounts.sessions import SessionStore
from portal.core.declare import declares


@shared_task(name="system.sweep")
@declares("system.sweep")
def sweep() -> None:
    SessionStore.clear_expired()
