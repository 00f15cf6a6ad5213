"""Requests for tests: asked by dana, approved by frank."""

import datetime

from django.db import connection, transaction

from portal.chat.break_glass.models import BreakGlass
from portal.chat.break_glass.requests import Scope, ask_for_access, decide
from tests.people import Company

REASON = "Incident 4711: find out what was sent"


def asked(company: Company, scope: Scope | None = None, *, by: str = "dana", hours: int = 2) -> BreakGlass:
    return ask_for_access(company.actor(by), scope or Scope(company.workspace().pk), REASON, hours)


def approved(company: Company, scope: Scope | None = None, *, by: str = "frank", hours: int = 2) -> BreakGlass:
    return decide(company.actor(by), asked(company, scope, hours=hours).pk, approve=True)


def move_clock(request: BreakGlass, **columns: datetime.timedelta) -> None:
    """Write other times than the appliance can, past the guard that keeps them, and with no notice to anybody."""
    changes = ", ".join(f"{column} = now() + %s::interval" for column in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE chat_break_glass DISABLE TRIGGER USER")
        cursor.execute(
            f"UPDATE chat_break_glass SET {changes} WHERE id = %s",
            [str(value) for value in columns.values()] + [str(request.pk)],
        )
        cursor.execute("ALTER TABLE chat_break_glass ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def expire(request: BreakGlass) -> None:
    ago = datetime.timedelta(hours=-1)
    move_clock(request, asked_at=3 * ago, decided_at=2 * ago, expires_at=ago / 3600)
