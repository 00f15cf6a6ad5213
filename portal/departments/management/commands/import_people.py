from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from portal.accounts.door import actor_for
from portal.accounts.selectors import person_called
from portal.audit.commands import RecordedCommand
from portal.core.errors import AppError
from portal.departments.services.people_import import import_people


class Command(RecordedCommand):
    action = "person.import"

    help = "Invite the people of a CSV file, with the rights of the person who is named: all of them, or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who invites them")
        parser.add_argument("--dry-run", action="store_true", help="check the file and change nothing")

    def handle(self, *args: Any, file: Path, username: str, dry_run: bool = False, **options: Any) -> None:
        table = _read(file)
        try:
            done = import_people(actor_for(person_called(username)), table, dry_run=dry_run)
        except AppError as error:
            for problem in error.details.get("problems", ()):
                self.stderr.write(f"line {problem['line']}: {problem['message']} ({problem['code']})")
            raise CommandError(error.message) from error
        counts = f"{done.people} people invited, {done.roles} roles given, {done.unchanged} lines unchanged"
        self.stdout.write(f"Dry run: {counts}." if dry_run else f"{counts}.")


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise CommandError(f"{file} is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes.")
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read as UTF-8 text ({type(error).__name__}).") from error
