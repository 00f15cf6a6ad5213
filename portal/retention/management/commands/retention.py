import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.audit.commands import RecordedCommand
from portal.core.actor import system_actor
from portal.retention.keepers import Tally, keeper_of
from portal.retention.removal import digest
from portal.retention.selectors import Plan, holds, plan
from portal.retention.services.sweep import BATCH, sweep

ACTOR = system_actor("retention command")
LINE = "{0:<44} {1:>9} {2:>7} {3:>9} {4:>12} {5:>12} {6:>10} {7:>6} {8:>10}"
HEADER = ("workspace", "delete", "people", "messages", "bytes", "oldest", "newest", "held", "unfinished")


class Command(RecordedCommand):
    action = "retention.view"

    help = "Show what a sweep would delete, sweep, list the legal holds, or prove a deletion against a copy."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", title="what to do", metavar="COMMAND")
        planning = commands.add_parser("plan", help="dry run: what a sweep would delete at this moment")
        planning.add_argument("--json", action="store_true", help="as JSON")
        sweeping = commands.add_parser("sweep", help="delete what is past its time; safe to cut off and to repeat")
        sweeping.add_argument("--batch", type=int, default=BATCH, help="items in one transaction")
        holding = commands.add_parser("holds", help="the legal holds that stand")
        holding.add_argument("--all", action="store_true", help="also those that were released")
        proving = commands.add_parser("prove", help="in a copy of the database: does a proof of deletion fit its rows?")
        proving.add_argument("file", type=Path, help="the journal's row, or its details, as JSON")

    def action_of(self, options: dict[str, Any]) -> str:
        return "retention.sweep" if options.get("what") == "sweep" else self.action

    def handle(self, *args: Any, what: str | None = None, **options: Any) -> None:
        if what is None:
            self.print_help("manage.py", "retention")
            sys.exit(2)
        getattr(self, f"_{what}")(options)

    def _plan(self, options: dict[str, Any]) -> None:
        found = plan(ACTOR)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(found), indent=2))
            return
        self.stdout.write(LINE.format(*HEADER))
        for place in found.places:
            name = f"{place.department.name} / {place.name} ({place.in_force.days} days)"
            self.stdout.write(LINE.format(name[:44], *_columns(place.goes), place.held, place.unfinished))
        self.stdout.write(LINE.format("all", *_columns(found.goes), found.held, found.unfinished))

    def _sweep(self, options: dict[str, Any]) -> None:
        if options["batch"] < 1:
            raise CommandError("retention: --batch must be 1 or more")
        done = sweep(ACTOR, batch=options["batch"])
        for kind, count in done.items.items():
            self.stdout.write(f"retention: {count} {kind} deleted in {done.batches} batches, proofs in the journal")
        for table, count in sorted(done.rows.items()):
            self.stdout.write(f"  {table}: {count} rows")
        if not done.batches:
            self.stdout.write("retention: nothing is past its time")

    def _holds(self, options: dict[str, Any]) -> None:
        found = holds(ACTOR) if options["all"] else holds(ACTOR).filter(released_at=None)
        for hold in found:
            state = f"released {hold.released_at:%Y-%m-%d}" if hold.released_at else "stands"
            placed = f"{hold.placed_at:%Y-%m-%d} by {hold.placed_by or 'the appliance'}"
            self.stdout.write(f"{hold.pk}  {hold.kind} {hold.place or hold.place_id}  {placed}  {state}  {hold.reason}")
        if not found:
            self.stdout.write("retention: no hold stands")

    def _prove(self, options: dict[str, Any]) -> None:
        try:
            read = json.loads(options["file"].read_text())
            details = read.get("details", read)
            parts = keeper_of(details["kind"]).parts(details["items"])
            proof: dict[str, dict[str, Any]] = details["proof"]
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise CommandError("retention: the file holds no proof of deletion") from error
        fits = True
        for part in parts:
            here, noted = digest(part), proof.get(part.table)
            if noted is None and not here["rows"]:
                continue
            same = here == noted
            fits = fits and same
            verdict = "fits" if same else f"does NOT fit: {here['rows']} rows here"
            self.stdout.write(f"{part.table}: {noted['rows'] if noted else 0} rows, {verdict}")
        if not fits:
            sys.exit(1)


def _columns(tally: Tally | None) -> tuple[object, ...]:
    if tally is None:
        return (0, 0, 0, 0, "", "")
    dates = (f"{tally.oldest:%Y-%m-%d}", f"{tally.newest:%Y-%m-%d}")
    return (tally.items, tally.people, tally.rows.get("chat_message", 0), tally.bytes, *dates)


def _as_json(found: Plan) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "delete": found.goes.items if found.goes else 0,
        "rows": dict(found.goes.rows) if found.goes else {},
        "held": found.held,
        "unfinished": found.unfinished,
        "workspaces": [
            {
                "workspace": str(place.workspace.pk) if place.workspace else "",
                "name": place.name,
                "department": place.department.name,
                "days": place.in_force.days,
                "delete": place.goes.items if place.goes else 0,
                "people": place.goes.people if place.goes else 0,
                "bytes": place.goes.bytes if place.goes else 0,
                "oldest": place.goes.oldest.isoformat() if place.goes else None,
                "newest": place.goes.newest.isoformat() if place.goes else None,
                "held": place.held,
                "unfinished": place.unfinished,
            }
            for place in found.places
        ],
    }
