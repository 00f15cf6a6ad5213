import getpass
import os
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.accounts.services import create_administrator
from portal.audit.commands import RecordedCommand
from portal.core.actor import system_actor
from portal.core.errors import AppError

ACTOR = system_actor("create_administrator command")
VARIABLE = "APPLIANCE_ADMINISTRATOR_PASSWORD"


class Command(RecordedCommand):
    action = "person.manage"

    help = (
        "Make the first platform administrator of an appliance; a later one with --another. The password is read from "
        f"{VARIABLE}, or from the standard input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--another", action="store_true", help="although there is an administrator already")

    def handle(self, *args: Any, username: str, another: bool = False, **options: Any) -> None:
        try:
            person = create_administrator(ACTOR, username, _password(), another=another)
        except AppError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{person.username} is a platform administrator.")


def _password() -> str:
    given = os.environ.get(VARIABLE)
    if given:
        return given
    return getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
