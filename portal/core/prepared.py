"""Queries that are built once.

Building a query takes the ORM several times as long as PostgreSQL needs to answer it, which counts where every request
or every question asks it. The SQL of the queryset is kept, and the queryset stays the only definition of what is asked.
"""

import uuid
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet

from portal.core.actor import Actor

M = TypeVar("M", bound=Model)


class PreparedRows(Generic[M]):
    """The rows of a queryset that is bound to other values at each call.

    Args:
        build: the queryset of some values. It selects whole rows of one table, and its annotations, which become
            attributes; its form depends on the values only through its parameters.
        places: values that stand in for those of a call while the query is built; they are found again among the
            parameters, so they must not occur there by themselves.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *places: Hashable) -> None:
        self._build = build
        self._places = places

    def all(self, *values: Any) -> list[M]:
        return [self._instance(row) for row in self._rows(values)]

    def _rows(self, values: Sequence[Any]) -> list[Sequence[Any]]:
        statement, parameters, *_ = self._prepared
        bound = dict(zip(self._places, values, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(statement, [bound.get(part, part) for part in parameters])
            rows: list[Sequence[Any]] = cursor.fetchall()
        return rows

    def _instance(self, row: Sequence[Any]) -> M:
        _, _, model, fields, annotations = self._prepared
        found = model.from_db(DEFAULT_DB_ALIAS, fields, self._values(row[: len(fields)]))
        for name, value in zip(annotations, row[len(fields) :], strict=True):
            setattr(found, name, value)
        return found

    def _values(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self._converters:
            return row
        values = list(row)
        for place, convert in self._converters:
            values[place] = convert(values[place], None, connection)
        return values

    @cached_property
    def _converters(self) -> list[tuple[int, Callable[..., Any]]]:
        """By place, of fields that the database gives in another form than the model has: JSON, say."""
        columns = enumerate(self._prepared[2]._meta.concrete_fields)
        return [(place, field.from_db_value) for place, field in columns if hasattr(field, "from_db_value")]

    @cached_property
    def _prepared(self) -> tuple[str, list[Any], type[M], list[str], list[str]]:
        found = self._build(*self._places)
        statement, parameters = found.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        if not set(self._places) <= set(parameters):
            raise LookupError(f"the query of {found.model.__name__} does not depend on all of its values")
        fields = [field.attname for field in found.model._meta.concrete_fields]
        return statement, list(parameters), found.model, fields, list(found.query.annotation_select)


class PreparedRow(PreparedRows[M]):
    """The first row of such a queryset."""

    def get(self, *values: Any) -> M | None:
        rows = self._rows(values)
        return self._instance(rows[0]) if rows else None


class VisibleRow(Generic[M]):
    """One row by its id, as someone sees it; ``build`` makes the queryset of an actor and an id."""

    def __init__(self, build: Callable[[Actor, uuid.UUID], QuerySet[M]]) -> None:
        self._row = PreparedRow(
            lambda actor_id, row_id: build(Actor("person", id=actor_id), row_id),
            uuid.UUID("6a1d4a4e-0000-4000-8000-000000000001"),
            uuid.UUID("6a1d4a4e-0000-4000-8000-000000000002"),
        )

    def get(self, actor: Actor, row_id: uuid.UUID) -> M | None:
        """None where it is missing or not visible; no actor, no rows."""
        return self._row.get(actor.id, row_id) if actor.is_person and actor.id else None
