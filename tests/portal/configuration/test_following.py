"""Every process hears of a change; reading a value asks nobody."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg_pool import PoolTimeout

from portal.configuration import live
from portal.configuration.models import Version
from portal.core.actor import Actor
from tests.people import Company
from tests.portal.configuration.conftest import Put

ROOT = Path(__file__).resolve().parents[3]
HEARD_WITHIN = 5.0
"""Seconds from a commit until every process goes by the new value."""

FOLLOWER = """
import sys, time
import django
django.setup()
from portal.configuration import live
last = None
while True:
    value = live.text("notice")
    if value != last:
        print(value, flush=True)
        last = value
    time.sleep(0.02)
"""


@contextmanager
def another_process() -> Iterator[Callable[[], str]]:
    """A process of its own on the test database; yields a reader of the values that it sees, one a line."""
    address = urlsplit(os.environ["APPLIANCE_DATABASE_URL"])
    url = urlunsplit(address._replace(path="/" + quote(str(connection.settings_dict["NAME"]))))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "appliance.settings", "APPLIANCE_DATABASE_URL": url}
    process = subprocess.Popen(
        [sys.executable, "-c", FOLLOWER], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield lambda: str(process.stdout.readline() if process.stdout else "").rstrip("\n")
    finally:
        process.kill()
        process.wait()


def test_another_process_hears_of_a_change(put: Put) -> None:
    with another_process() as line:
        assert line() == ""
        for text in ("Maintenance at six.", "Maintenance at seven."):
            put(notice=text)
            changed = time.monotonic()
            assert line() == text
            assert time.monotonic() - changed < HEARD_WITHIN
        put(notice=None)
        assert line() == ""


def test_another_process_finds_out_without_being_told(put: Put) -> None:
    """Notices may be lost: a pooler between portal and database does not pass them on."""
    with another_process() as line:
        assert line() == ""
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE configuration_version DISABLE TRIGGER configuration_version_notice")
        try:
            put(notice="Maintenance at six.")
            changed = time.monotonic()
            assert line() == "Maintenance at six."
            assert time.monotonic() - changed < HEARD_WITHIN
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE configuration_version ENABLE TRIGGER configuration_version_notice")


def test_another_process_comes_back_after_its_connection_was_lost(put: Put) -> None:
    with another_process() as line:
        assert line() == ""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'configuration'"
            )
        put(notice="Still here.")
        assert line() == "Still here."


def test_reading_asks_nobody(put: Put) -> None:
    put(notice="Soon.")
    with CaptureQueriesContext(connection) as queries:
        for _ in range(100):
            assert live.text("notice") == "Soon."
    assert len(queries) == 0


def test_a_value_can_be_read_on_an_event_loop(put: Put) -> None:
    put(notice="Soon.")
    live.known.forget()

    async def read() -> str:
        return live.text("notice")

    assert asyncio.run(read()) == "Soon."


def test_a_rolled_back_change_is_never_in_force(dana: Actor, put: Put) -> None:
    put(notice="Stays.")
    with transaction.atomic():
        put(notice="Goes.")
        assert live.text("notice") == "Stays."
        transaction.set_rollback(True)
    live.known.refresh()
    assert live.text("notice") == "Stays."


def test_without_a_database_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise psycopg.OperationalError("away")

    monkeypatch.setattr("portal.configuration.live.own_blocking_connection", refuse)
    values = live.LiveValues()
    assert values.value("messages_a_page") == 20
    values.forget()


@pytest.mark.parametrize("problem", [OperationalError, PoolTimeout])
def test_a_database_that_goes_away_leaves_the_last_values(
    problem: type[Exception], put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(notice="Soon.")

    def refuse(*args: object) -> None:
        raise problem("away")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        live.known.refresh()
    assert live.text("notice") == "Soon."


def test_an_older_reading_that_comes_late_changes_nothing(live_company: Company) -> None:
    values = live.LiveValues()
    newer, older = live.Snapshot(7, {"notice": "new"}), live.Snapshot(6, {"notice": "old"})
    values._take(newer)
    values._take(older)
    assert values.value("notice") == "new"


def test_a_child_process_begins_anew(put: Put) -> None:
    put(notice="Soon.")
    assert live.text("notice") == "Soon."
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        live_in_child = live.known._over is None and live.known._snapshot is None
        os.write(writing, b"1" if live_in_child else b"0")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1) == b"1"
    assert Version.objects.count() == 1
