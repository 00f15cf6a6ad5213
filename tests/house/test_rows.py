"""Every way in leaves a row in the audit journal, whether it is gone or refused."""

import re
import uuid
from dataclasses import fields
from importlib import import_module
from typing import Any

import pytest
from celery import current_app
from django.core.management import get_commands
from django.db import transaction
from django.test import Client

from portal.accounts.request_audit import UNRECORDED
from portal.audit.commands import RecordedCommand
from portal.audit.models import Entry
from portal.audit.refusals import refusals
from portal.core.catalogue import CATALOGUE
from portal.core.reasons import REASONS
from tests.conftest import ClientOf
from tests.house.entrances import Entrance, http_entrances, socket_entrances, task_entrances
from tests.people import Company, with_sibling_manager
from tests.portal import administration_requests as administration
from tests.portal.test_matrix import EVENT_STREAM, MATRIX, PEOPLE, Place, content_of, fill_console, place_of
from workers.tasks.recording import QUIET, began, ended

ROUTES = [entrance for entrance in http_entrances() if entrance.name != EVENT_STREAM]


def knock(client: Client, entrance: Entrance, place: Place, ids: dict[str, Any]) -> int:
    """As the page or the program would; of the console's pages and others with ids that are nowhere."""
    if entrance.name in administration.ROWS:
        return int(administration.send(client, entrance.name, ids).status_code)
    method, _, path = entrance.name.partition(" ")
    if path.startswith("/console/"):
        return client.get(fill_console(re.sub(r"<int:[^>]+>", "1", entrance.name))).status_code
    content = content_of(entrance.name, place.body(entrance.name))
    return client.generic(method, place.path(entrance.name), *content).status_code


def hidden(route: str) -> bool:
    """Whether an outsider is told that there is nothing."""
    return (MATRIX | administration.ROWS)[route][1] == 404


def rows() -> list[Entry]:
    return list(Entry.objects.order_by("at"))


@pytest.mark.parametrize("entrance", ROUTES, ids=lambda entrance: entrance.name)
def test_every_route_leaves_a_row(entrance: Entrance, company: Company, client_of: ClientOf) -> None:
    """Whoever knocks, allowed or refused: one more row, of the declared action, with who and where."""
    assert entrance.action is not None
    place, ids = place_of(with_sibling_manager(company)), administration.furnish(company)
    silent = []
    for column, name in PEOPLE.items():
        refusals.clear()
        client = client_of(company, name)
        with transaction.atomic():
            known = {row.pk for row in rows()}
            status = knock(client, entrance, place, ids)
            new = [row for row in rows() if row.pk not in known]
            transaction.set_rollback(True)
        # A method that an address does not take is no act.
        excused = status == 405 or (status < 400 and entrance.name in UNRECORDED)
        if excused == bool(new):
            silent.append((column, status, [row.action for row in new]))
        for row in new:
            assert re.sub("[<(].*", "", row.place) == re.sub("\\^|[<(].*", "", entrance.name)
            assert row.action == entrance.action.name or row.outcome == "allowed"
            assert row.address == "127.0.0.1"
            assert row.actor_name == ("anonymous" if name in (None, "grace") else name)
            assert row.reason in REASONS if row.outcome == "allowed" else row.reason
    assert silent == []


@pytest.mark.parametrize(
    "entrance",
    [item for item in ROUTES if "_id>" in item.name and "/console/" not in item.name and hidden(item.name)],
    ids=lambda item: item.name,
)
def test_a_refusal_names_what_was_asked_for(entrance: Entrance, company: Company, client_of: ClientOf) -> None:
    place = Place(*(uuid.uuid4() for _ in fields(Place)))
    ids = administration.of_nothing(administration.furnish(company))
    assert knock(client_of(company, "charlie"), entrance, place, ids) == 404
    row = rows()[-1]
    assert (row.outcome, row.reason) == ("denied", "missing or not visible")
    assert row.object_id in {str(value) for value in (*vars(place).values(), *ids.values())}
    assert f"{row.object_type}_id>" in entrance.name


def test_what_leaves_no_row_stands_in_a_list_and_is_there() -> None:
    assert set(UNRECORDED) <= {entrance.name for entrance in http_entrances()}
    assert set(QUIET) <= {entrance.name for entrance in task_entrances()}


def test_every_socket_event_is_walked() -> None:
    """Their rows are held by tests/portal/api/test_socket_rows.py; a second socket would need its own."""
    assert [entrance.name for entrance in socket_entrances()] == ["/ws/"]


def test_every_command_leaves_a_row() -> None:
    own = [(room, name) for name, room in get_commands().items() if room.startswith(("portal.", "workers."))]
    assert len(own) >= 2
    for room, name in own:
        command = import_module(f"{room}.management.commands.{name}").Command
        assert issubclass(command, RecordedCommand), name
        assert command().action_of({}) in CATALOGUE, name


@pytest.mark.parametrize("name", sorted(name for name, room in get_commands().items() if room.startswith("portal.")))
def test_a_row_of_a_command_says_that_it_was_one(name: str, db: None) -> None:
    """The command itself, but for what it does."""
    room = import_module(f"{get_commands()[name]}.management.commands.{name}")
    idle = type("Idle", (room.Command,), {"handle": lambda self, *args, **options: None})
    idle().execute(no_color=True, force_color=False, skip_checks=True)
    assert [(row.outcome, row.reason) for row in rows()] == [("allowed", "command")]


@pytest.mark.parametrize("name", sorted({entrance.name for entrance in task_entrances()} - set(QUIET)))
def test_a_row_of_a_task_says_that_it_was_one(name: str, db: None) -> None:
    """By the signals around it, whatever it does."""
    task = current_app.tasks[name]
    began(task)
    ended(task, state="SUCCESS")
    assert [(row.place, row.outcome, row.reason) for row in rows()] == [(name, "allowed", "job")]
