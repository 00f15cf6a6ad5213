import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.accounts.models import User
from portal.audit.commands import RecordedCommand
from portal.core.actor import system_actor
from portal.core.errors import AppError
from portal.retention.services.erase import erase_person, stored_of
from portal.retention.services.export import export_person

ACTOR = system_actor("person command")


class Command(RecordedCommand):
    action = "person.export"

    help = "Export everything that is stored of a person, or erase it. For the machine's operator."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", title="what to do", metavar="COMMAND")
        exporting = commands.add_parser("export", help="write a ZIP of JSON lines; it holds content")
        exporting.add_argument("--user", required=True)
        exporting.add_argument("--to", required=True, type=Path, help="a new file; it is made readable by you alone")
        erasing = commands.add_parser("erase", help="delete what is the person's and make the account anonymous")
        erasing.add_argument("--user", required=True)
        erasing.add_argument("--yes", action="store_true", help="do it; without, only say what would go")

    def action_of(self, options: dict[str, Any]) -> str:
        return "person.erase" if options.get("what") == "erase" else self.action

    def handle(self, *args: Any, what: str | None = None, **options: Any) -> None:
        if what is None:
            self.print_help("manage.py", "person")
            sys.exit(2)
        person = User.objects.filter(username=options["user"]).first()
        if person is None:
            raise CommandError(f"person: there is no {options['user']}")
        try:
            self._export(person, options["to"]) if what == "export" else self._erase(person, yes=options["yes"])
        except AppError as error:
            raise CommandError(f"person: {error.message}") from error

    def _export(self, person: User, to: Path) -> None:
        try:
            descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"person: {to} cannot be made ({error.strerror})") from error
        try:
            with os.fdopen(descriptor, "wb") as file:
                for piece in export_person(ACTOR, person.pk):
                    file.write(piece)
        except BaseException:
            to.unlink()
            raise
        self.stdout.write(f"person: {person.username} exported to {to}")

    def _erase(self, person: User, *, yes: bool) -> None:
        stored = stored_of(ACTOR, person.pk)
        for kind, tally in stored.goes.items():
            self.stdout.write(f"{kind}: {tally.items}")
            for table, count in tally.rows.items():
                self.stdout.write(f"  {table}: {count} rows")
        if stored.held or stored.is_held:
            self.stdout.write(f"under legal hold: {stored.held}{' and the person' if stored.is_held else ''}")
        if not yes:
            self.stdout.write("person: nothing was erased; add --yes to do it")
            return
        erase_person(ACTOR, person.pk)
        person.refresh_from_db()
        self.stdout.write(f"person: erased, the account is {person.username} now")
