from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.audit.commands import RecordedCommand
from portal.configuration.kinds import Value
from portal.configuration.registry import setting_named
from portal.configuration.selectors import current_settings, history
from portal.configuration.services import change, revert
from portal.core.actor import system_actor
from portal.core.errors import AppError

ACTOR = system_actor("settings command")


class Command(RecordedCommand):
    action = "settings.change"

    help = "Show the live settings, set them, or bring back an earlier value; for when the console is out of reach."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", title="what to do", metavar="COMMAND", required=True)
        show = commands.add_parser("show", help="every setting with its value, or one with its history")
        show.add_argument("name", nargs="?", default="")
        put = commands.add_parser("set", help="give settings new values, all or none")
        put.add_argument("values", nargs="+", metavar="NAME=VALUE", help="NAME alone brings the default back")
        back = commands.add_parser("revert", help="bring back the value of a version, by its number")
        back.add_argument("version", type=int)
        for command in (put, back):
            command.add_argument("--note", default="", help="why; kept with the version")

    def action_of(self, options: dict[str, Any]) -> str:
        return "settings.view" if options.get("what") == "show" else self.action

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        try:
            if what == "show":
                self._show(options["name"])
            elif what == "set":
                self._set(options["values"], options["note"])
            else:
                self._revert(options["version"], options["note"])
        except AppError as error:
            raise CommandError(error.message) from None

    def _show(self, name: str) -> None:
        if name:
            setting_named(name)
        for item in current_settings(ACTOR):
            if name in ("", item.setting.name):
                origin = "default" if item.is_default else f"version {item.version}, {item.changed_by}"
                fault = f"; {item.stale!r} is stored and no longer fits" if item.stale else ""
                self.stdout.write(f"{item.setting.name} = {item.shown}  ({origin}{fault})")
        for version in history(ACTOR, name) if name else ():
            note = f"  {version.note}" if version.note else ""
            self.stdout.write(
                f"  version {version.version}: {version.old} -> {version.new}  {version.changed_by}, "
                f"{version.at:%Y-%m-%d %H:%M:%S %Z}{note}"
            )

    def _set(self, given: list[str], note: str) -> None:
        values = dict[str, Value | None]()
        for item in given:
            name, equals, text = item.partition("=")
            setting = setting_named(name)
            values[name] = setting.parsed(text) if equals else None
        written = change(ACTOR, values, note)
        for version in written:
            self.stdout.write(f"{version.setting}: version {version.pk}")
        if not written:
            self.stdout.write("nothing to change")

    def _revert(self, version: int, note: str) -> None:
        written = revert(ACTOR, version, note)
        self.stdout.write(f"{written.setting}: version {written.pk}" if written else "nothing to change")
