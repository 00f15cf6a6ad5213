"""Commands leave a row each, however they end."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from portal.audit.commands import RecordedCommand
from portal.audit.models import Entry, Head
from portal.audit.verify import verify_chain
from tests.portal.audit.conftest import act
from tests.portal.audit.forgeries import execute


class Failing(RecordedCommand):
    action = "system.prepare"

    def handle(self, *args: object, **options: object) -> None:
        raise CommandError("no")


class Working(RecordedCommand):
    action = "system.prepare"

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write("done")


def rows() -> list[tuple[str, str, str]]:
    return list(Entry.objects.order_by("seq").values_list("action", "outcome", "reason"))


def test_a_command_that_works(committed: None) -> None:
    call_command(Working(), stdout=io.StringIO())
    row = Entry.objects.get()
    assert (row.action, row.outcome, row.place) == ("system.prepare", "allowed", "manage.py test_commands")


def test_a_command_that_fails(committed: None) -> None:
    with pytest.raises(CommandError):
        call_command(Failing())
    assert rows() == [("system.prepare", "failed", "CommandError")]


def test_a_failure_that_cannot_be_recorded_is_still_the_failure(committed: None) -> None:
    Head.objects.all().delete()
    error = io.StringIO()
    with pytest.raises(CommandError):
        call_command(Failing(), stderr=error)
    assert "is not in the audit journal" in error.getvalue()


def test_each_verification_is_in_the_journal(committed: None) -> None:
    act()
    call_command("audit", "verify", stdout=io.StringIO())
    assert rows()[1] == ("audit.verify", "allowed", "command")
    assert verify_chain().intact


def test_a_verification_of_a_broken_journal_says_so_even_where_it_cannot_be_recorded(committed: None) -> None:
    act()
    Head.objects.all().delete()
    error = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("audit", "verify", stderr=error)
    assert "the head is missing" in error.getvalue()
    assert "this result is not in the journal" in error.getvalue()


def test_a_verification_that_cannot_be_recorded_fails(committed: None) -> None:
    """The journal is whole, and no row says that somebody has looked."""
    act()
    execute("ALTER TABLE audit_entry ADD CONSTRAINT unwritable CHECK (action <> 'audit.verify') NOT VALID")
    try:
        with pytest.raises(DatabaseError):
            call_command("audit", "verify", stdout=io.StringIO())
    finally:
        execute("ALTER TABLE audit_entry DROP CONSTRAINT unwritable")
    assert verify_chain().intact
