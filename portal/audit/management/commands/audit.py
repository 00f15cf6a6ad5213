import datetime
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from portal.audit.checkpoints import ChangedFile
from portal.audit.commands import RecordedCommand
from portal.audit.exports import exported
from portal.audit.journal import Act, Outcome, Target
from portal.audit.selectors import all_entries
from portal.audit.services import CannotNote, begin_checkpoints, note_head
from portal.audit.verify import Report, verify_chain
from portal.audit.wanted import Wanted, stream_of
from portal.audit.witness import witness


class Command(RecordedCommand):
    help = (
        "Verify the audit journal (exit status 1 where it was tampered with), export it, or begin its checkpoints anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", title="what to do", metavar="COMMAND")
        verify = commands.add_parser("verify", help="check every row, the head, the checkpoints and the triggers")
        verify.add_argument(
            "--heads",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="check against this copy of the checkpoints' lines, too; may be given several times",
        )
        _export_options(commands.add_parser("export", help="write rows as JSON lines (OCSF) or CSV to standard output"))
        commands.add_parser("begin", help="begin a file of checkpoints where the old one is lost; the journal keeps it")

    def handle(self, *args: Any, what: str | None = None, **options: Any) -> None:
        if what is None:
            self.print_help("manage.py", "audit")
            sys.exit(2)
        try:
            if what == "verify":
                self._verify(options["heads"])
            elif what == "export":
                self._export(options)
            else:
                begin_checkpoints(self.who)
        except (CannotNote, ChangedFile, OSError) as error:
            raise CommandError(f"audit: {error}") from error

    def action_of(self, options: dict[str, Any]) -> str:
        return f"audit.{options.get('what') or 'verify'}"

    def _verify(self, copies: Sequence[Path]) -> None:
        report = verify_chain(copies=copies)
        for finding in report.findings:
            self.stderr.write(f"row {finding.seq}: {finding.problem}" if finding.seq else finding.problem)
        self._record(report)
        if not report.intact:
            self.stderr.write(f"audit: NOT intact, {len(report.findings)} problems in {report.entries} rows")
            sys.exit(1)
        self.stdout.write(f"audit: intact, {report.entries} rows, head {report.head}, {report.checkpoints} checkpoints")
        note_head(self.who)

    def _export(self, options: dict[str, Any]) -> None:
        for piece in exported(self.who, stream_of(all_entries(), _wanted(options)), options["format"]):
            self.stdout.write(piece.decode(), ending="")

    def _record(self, report: Report) -> None:
        """The result is in the journal, where the console shows the last one; a broken journal may not take it."""
        details = {"rows": report.entries, "head": report.head, "checkpoints": report.checkpoints}
        outcome: Outcome = "allowed" if report.intact else "failed"
        reason = "" if report.intact else f"{len(report.findings)} problems"
        try:
            witness(self.who, Act("audit.verify", Target("journal", "rows"), outcome, reason, details))
        except DatabaseError as error:
            if report.intact:
                raise
            self.stderr.write(f"audit: this result is not in the journal ({type(error).__name__})")


def _export_options(parser: CommandParser) -> None:
    parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    parser.add_argument("--since", type=_moment, help="first moment, ISO 8601; without a zone, that of the appliance")
    parser.add_argument("--until", type=_moment, help="the moment before which rows end")
    parser.add_argument("--action", default="", help="an action of the catalogue, such as grant.give")
    parser.add_argument("--person", type=uuid.UUID, help="id of a person: acts of his, and on his behalf")
    parser.add_argument("--object", default="", help="an object as KIND:ID, or a KIND")


def _moment(text: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _wanted(options: dict[str, Any]) -> Wanted:
    kind, _, object_id = options["object"].partition(":")
    return Wanted(
        person=options["person"],
        action=options["action"],
        object_type=kind,
        object_id=object_id,
        since=options["since"],
        until=options["until"],
    )
