"""The values in force, in the memory of this process: reading one is a look-up and never a query.

A thread of its own hears of each change at its commit (PostgreSQL notifies) and looks anyway every few seconds, over a
connection of its own, so that it sees what is committed and nothing else. Without a database the last known values
stand, and before the first reading the defaults.
"""

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
import structlog
from django.db import Error as DatabaseError
from django.db import connection
from psycopg_pool import PoolTimeout

from portal.configuration.kinds import Value
from portal.configuration.registry import REGISTRY
from portal.core.errors import Invalid
from portal.core.own_connection import own_blocking_connection

log = structlog.get_logger(__name__)

CHANNEL = "configuration"
LOOK_SECONDS = 3.0
RECONNECT_SECONDS = 1.0
# The first reader of a process waits so long for the values; a database that is away must not hold it up for longer.
FIRST_LOOK_SECONDS = 2.0

_NEWEST = "SELECT DISTINCT ON (setting) id, setting, value::text FROM configuration_version ORDER BY setting, id DESC"

Row = tuple[int, str, str | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``values`` holds what differs from the defaults; ``stale`` the versions whose values no longer fit."""

    newest: int = 0
    values: Mapping[str, Value] = field(default_factory=dict)
    stale: frozenset[int] = frozenset()


def snapshot_of(rows: Iterable[Row]) -> Snapshot:
    newest, values, stale = 0, dict[str, Value](), set[int]()
    for version, name, text in rows:
        newest = max(newest, version)
        value = None if text is None else orjson.loads(text)
        # A setting that is gone after an upgrade is nobody's concern any more.
        if value is None or name not in REGISTRY:
            continue
        try:
            values[name] = REGISTRY[name].checked(value)
        except Invalid:
            stale.add(version)
    return Snapshot(newest, values, frozenset(stale))


class LiveValues:
    """What this process knows; one a process."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._over: threading.Event | None = None

    def value(self, name: str) -> Value:
        snapshot = self._snapshot or self._begin()
        found = snapshot.values.get(name)
        return REGISTRY[name].default if found is None else found

    def refresh(self) -> None:
        """Read now, over Django's connection: whoever has made a change sees it at once."""
        try:
            with connection.cursor() as cursor:
                cursor.execute(_NEWEST)
                found = snapshot_of(cursor.fetchall())
        except (DatabaseError, PoolTimeout) as error:
            log.warning("configuration.not_read", error=type(error).__name__)
            return
        with self._lock:
            self._take(found)

    def forget(self) -> None:
        """Know nothing and hear nothing, until somebody asks again."""
        with self._lock:
            if self._over is not None:
                self._over.set()
            self._snapshot = self._over = None

    def after_fork(self) -> None:
        """The child has no thread, and the lock may have been held."""
        self._forget()

    def _begin(self) -> Snapshot:
        with self._lock:
            if self._over is None:
                self._over, self._looked = threading.Event(), threading.Event()
                arguments = (self._over, self._looked)
                threading.Thread(target=self._follow, args=arguments, name="configuration", daemon=True).start()
            looked = self._looked
        looked.wait(FIRST_LOOK_SECONDS)
        with self._lock:
            if self._snapshot is None:
                self._snapshot = Snapshot()
            return self._snapshot

    def _follow(self, over: threading.Event, looked: threading.Event) -> None:
        while not over.is_set():
            try:
                with own_blocking_connection(CHANNEL) as listening:
                    listening.execute(f"LISTEN {CHANNEL}")
                    while not over.is_set():
                        self._look(listening, over)
                        looked.set()
                        for _ in listening.notifies(timeout=LOOK_SECONDS, stop_after=1):
                            pass
            except (psycopg.Error, OSError) as error:
                if not over.is_set():
                    log.warning("configuration.not_listening", error=type(error).__name__)
            looked.set()
            over.wait(RECONNECT_SECONDS)

    def _look(self, listening: "psycopg.Connection[tuple[Any, ...]]", over: threading.Event) -> None:
        found = snapshot_of(listening.execute(_NEWEST).fetchall())
        with self._lock:
            if not over.is_set():
                self._take(found)

    def _take(self, found: Snapshot) -> None:
        """Versions are numbered in the order of their commits, so an older reading that comes late is known by them."""
        before = self._snapshot
        if before is not None and found.newest < before.newest:
            return
        for version in found.stale - (before.stale if before else frozenset()):
            log.warning("configuration.value_no_longer_fits", version=version, using="the default")
        self._snapshot = found


known = LiveValues()
os.register_at_fork(after_in_child=known.after_fork)


def whole_number(name: str) -> int:
    return int(known.value(name))


def seconds(name: str) -> float:
    return float(known.value(name))


def text(name: str) -> str:
    return str(known.value(name))


def flag(name: str) -> bool:
    return bool(known.value(name))
