import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.audit.verify import verify_chain


class Command(BaseCommand):
    help = "Verify the audit journal. Exit status 1 where it was tampered with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_subparsers(dest="what", required=True).add_parser("verify", help="check every link of the chain")

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify_chain()
        for finding in report.findings:
            self.stderr.write(f"row {finding.seq}: {finding.problem}")
        if not report.intact:
            self.stderr.write(f"audit: NOT intact, {len(report.findings)} problems in {report.entries} rows")
            sys.exit(1)
        self.stdout.write(f"audit: intact, {report.entries} rows, head {report.head}")
