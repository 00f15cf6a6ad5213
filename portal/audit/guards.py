"""What must stand around the journal's tables in the database, and nothing else: triggers and their functions."""

from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple

from django.db import connection

_sources = import_module("portal.audit.migrations.0003_seal")

# Bits of pg_trigger.tgtype.
ROW, BEFORE, INSERT, DELETE, UPDATE, TRUNCATE = 1, 2, 4, 8, 16, 32


class Guard(NamedTuple):
    """A trigger as the catalogues describe it. ``plain``: without WHEN, columns, arguments or settings."""

    table: str
    name: str
    enabled: str
    type: int
    deferred: bool
    plain: bool
    function: str
    source: str


EXPECTED = (
    Guard("audit_entry", "audit_entry_chain", "O", ROW | INSERT, True, True, "audit_chain", _sources.CHAIN),
    Guard(
        "audit_entry",
        "audit_entry_append_only",
        "O",
        ROW | BEFORE | UPDATE | DELETE,
        False,
        True,
        "audit_append_only",
        _sources.APPEND_ONLY,
    ),
    Guard(
        "audit_entry",
        "audit_entry_no_truncate",
        "O",
        BEFORE | TRUNCATE,
        False,
        True,
        "audit_append_only",
        _sources.APPEND_ONLY,
    ),
)

TABLES = "(to_regclass('audit_entry'), to_regclass('audit_head'))"

STANDING = f"""
SELECT c.relname::text, t.tgname::text, t.tgenabled::text, t.tgtype::int, t.tgdeferrable AND t.tginitdeferred,
       t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgnargs = 0 AND t.tgoldtable IS NULL AND t.tgnewtable IS NULL
           AND p.proconfig IS NULL AND NOT p.prosecdef AND l.lanname = 'plpgsql',
       p.proname::text, p.prosrc
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_language l ON l.oid = p.prolang
WHERE t.tgrelid IN {TABLES} ORDER BY 1, 2
"""  # noqa: S608

ODDITIES = f"""
SELECT format('%s has the rule %s', ev_class::regclass, rulename) FROM pg_rewrite WHERE ev_class IN {TABLES}
UNION ALL
SELECT format('%s is not a plain table', oid::regclass) FROM pg_class WHERE oid IN {TABLES}
    AND (relkind <> 'r' OR relrowsecurity OR EXISTS (SELECT FROM pg_inherits WHERE oid IN (inhparent, inhrelid)))
UNION ALL
SELECT 'triggers do not fire in sessions of this account' WHERE current_setting('session_replication_role') <> 'origin'
ORDER BY 1
"""  # noqa: S608


def problems() -> Iterator[str]:
    """What stands otherwise than the migrations have made it."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        standing = {(guard.table, guard.name): guard for guard in map(Guard._make, cursor.fetchall())}
        cursor.execute(ODDITIES)
        oddities = [str(text) for (text,) in cursor.fetchall()]
    for guard in EXPECTED:
        found = standing.pop((guard.table, guard.name), None)
        if found is None:
            yield f"the trigger {guard.name} is missing"
        elif found != guard:
            switched = found._replace(enabled=guard.enabled) == guard
            yield f"the trigger {guard.name} {'is disabled' if switched else 'was changed'}"
    yield from (f"{table} has a foreign trigger, {name}" for table, name in standing)
    yield from oddities
