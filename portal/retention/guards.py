"""The SQL with which a room puts its tables under the guard of legal holds, in a migration of its own.

A hold and a deletion cannot pass each other by: who deletes takes a shared lock until his commit, who places a hold
takes it alone. So a hold begins after the deletions that were under way, and every later one sees it.
"""

LOCK = 7_205_392

_GUARD = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({lock});
    IF EXISTS (SELECT FROM retention_hold WHERE released_at IS NULL) AND EXISTS (
        SELECT FROM (SELECT DISTINCT {places}) AS place (workspace, person)
        WHERE retention_held(place.workspace, place.person)
    ) THEN
        RAISE EXCEPTION '{table} is under legal hold' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN {result};
END $$;
"""


def guard(table: str, places: str, *, columns: str = "", when: str = "") -> str:
    """Statements that guard ``table`` against DELETE, TRUNCATE, and the UPDATEs of ``columns`` that fulfil ``when``.

    Args:
        places: what follows SELECT to give workspace and person of the rows in ``{gone}``.
        columns: those whose change takes data away or out of the hold; empty: all.
    """
    deleted = _GUARD.format(
        name=f"{table}_held", table=table, lock=LOCK, places=places.format(gone="gone"), result="NULL"
    )
    updated = _GUARD.format(
        name=f"{table}_held_row",
        table=table,
        lock=LOCK,
        places=places.format(gone="(SELECT OLD.*) AS gone"),
        result="NEW",
    )
    of_columns, condition = (f"OF {columns}" if columns else ""), (f"WHEN ({when})" if when else "")
    return f"""{deleted}{updated}
CREATE TRIGGER {table}_hold_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_held();
CREATE TRIGGER {table}_hold_update BEFORE UPDATE {of_columns} ON {table}
    FOR EACH ROW {condition} EXECUTE FUNCTION {table}_held_row();
CREATE TRIGGER {table}_hold_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION retention_no_truncate();
"""


def unguard(table: str) -> str:
    triggers = "".join(f"DROP TRIGGER {table}_hold_{what} ON {table};\n" for what in ("delete", "update", "truncate"))
    return f"{triggers}DROP FUNCTION {table}_held();\nDROP FUNCTION {table}_held_row();\n"
