import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit.checkpoints import ChangedFile
from portal.audit.services import CannotNote, begin_checkpoints, note_head
from portal.audit.verify import verify_chain
from portal.core.actor import system_actor

ACTOR = system_actor("audit command")


class Command(BaseCommand):
    help = "Verify the audit journal (exit status 1 where it was tampered with), or begin its checkpoints anew."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", title="what to do", metavar="COMMAND")
        commands.add_parser("verify", help="check every row, the head, the checkpoints and the triggers")
        commands.add_parser("begin", help="begin a file of checkpoints where the old one is lost; the journal keeps it")

    def handle(self, *args: Any, what: str | None = None, **options: Any) -> None:
        if what is None:
            self.print_help("manage.py", "audit")
            sys.exit(2)
        try:
            self._verify() if what == "verify" else begin_checkpoints(ACTOR)
        except (CannotNote, ChangedFile, OSError) as error:
            raise CommandError(f"audit: {error}") from error

    def _verify(self) -> None:
        report = verify_chain()
        for finding in report.findings:
            self.stderr.write(f"row {finding.seq}: {finding.problem}" if finding.seq else finding.problem)
        if not report.intact:
            self.stderr.write(f"audit: NOT intact, {len(report.findings)} problems in {report.entries} rows")
            sys.exit(1)
        self.stdout.write(f"audit: intact, {report.entries} rows, head {report.head}, {report.checkpoints} checkpoints")
        note_head(ACTOR)
