from celery import shared_task

from portal.accounts.sessions import SessionStore
from portal.chat.break_glass.requests import note_what_ended
from portal.core.actor import system_actor
from portal.core.declare import declares


@shared_task(name="system.sweep")
@declares("system.sweep")
def sweep() -> None:
    SessionStore.clear_expired()


@shared_task(name="break_glass.expire")
@declares("break_glass.expire")
def note_ended_accesses() -> None:
    """Access has ended by then without it; this is its row in the journal."""
    note_what_ended(system_actor("timetable"))
