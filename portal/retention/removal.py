"""Deleting rows, and the proof of it.

The proof of a table is SHA-256 over one line a row, ``<key> <SHA-256 of its content>\\n``, in the order of their keys.
A row's content is its JSON as PostgreSQL writes it (``to_jsonb(row)::text``, time zone UTC), in UTF-8: the lines of an
export, and of a copy of the database.
"""

import datetime
import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from portal.retention.keepers import Part


class LeftBehind(RuntimeError):
    """A row still names one that was deleted; nothing is deleted then."""


def digest(part: Part) -> dict[str, Any]:
    """Count and hash of the rows, read in a stream."""
    with _in_utc():
        return _digest(part)


@contextmanager
def _in_utc() -> Iterator[None]:
    """Once for all parts of a batch: it holds until the transaction ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        yield


def _digest(part: Part) -> dict[str, Any]:
    rows, over = 0, hashlib.sha256()
    for key, content in _hashed_rows(part):
        rows += 1
        over.update(f"{key} {content}\n".encode())
    return {"rows": rows, "sha256": over.hexdigest()}


def _hashed_rows(part: Part) -> Iterable[tuple[str, str]]:
    keys = _key_columns(part.model)
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT concat_ws(' ', {', '.join(keys)}),"  # noqa: S608 - names of our own tables
            " encode(sha256(convert_to(to_jsonb(part)::text, 'UTF8')), 'hex')"
            f" FROM {part.table} part WHERE {part.column} = ANY(%s) ORDER BY {', '.join(keys)}",
            [list(part.values)],
        )
        while rows := cursor.fetchmany(2000):
            yield from rows


def remove(parts: Sequence[Part]) -> dict[str, dict[str, Any]]:
    """Delete the rows and give the proof, by table. The caller holds the locks and the transaction.

    Raises:
        LeftBehind: something still names a deleted row.
    """
    proof: dict[str, dict[str, Any]] = {}
    with _in_utc():
        for part in parts:
            proof[part.table] = _digest(part)
    with connection.cursor() as cursor:
        for part in parts:
            cursor.execute(f"DELETE FROM {part.table} WHERE {part.column} = ANY(%s)", [list(part.values)])  # noqa: S608
            if cursor.rowcount != proof[part.table]["rows"]:
                raise LeftBehind(f"{part.table}: {cursor.rowcount} rows went, {proof[part.table]['rows']} were counted")
    remains = left_behind(parts)
    if remains:
        raise LeftBehind(", ".join(f"{count} in {place}" for place, count in remains.items()))
    return {table: counted for table, counted in proof.items() if counted["rows"]}


def left_behind(parts: Sequence[Part]) -> dict[str, int]:
    """Rows that still are, or still name, what the parts say, in every table with a foreign key to them."""
    found: dict[str, int] = {}
    for part in parts:
        if count := _rows(part.model, part.column, part.values):
            found[f"{part.table}.{part.column}"] = count
        if part.column != part.model._meta.pk.attname:
            continue
        for relation in part.model._meta.get_fields(include_hidden=True):
            if not (relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)):
                continue
            foreign: Any = relation
            model, column = foreign.related_model, foreign.field.column
            if count := _rows(model, column, part.values):
                found[f"{model._meta.db_table}.{column}"] = count
    return found


def _rows(model: type[Model], column: str, values: Sequence[uuid.UUID]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {model._meta.db_table} WHERE {column} = ANY(%s)",  # noqa: S608
            [list(values)],
        )
        count: int = cursor.fetchone()[0]
        return count


def _key_columns(model: type[Model]) -> list[str]:
    key: Any = model._meta.pk
    fields = getattr(key, "fields", None) or [key]
    return [field.column for field in fields]


def proof_details(
    kind: str,
    items: Sequence[uuid.UUID],
    proof: Mapping[str, Mapping[str, Any]],
    **more: str | int | datetime.datetime | None,
) -> dict[str, Any]:
    """What the journal keeps of a deletion: counts, hashes and ids, no content."""
    return {"kind": kind, "items": [str(item) for item in items], "proof": proof, **more}
