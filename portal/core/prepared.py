"""Queries of rights that are built once.

Building such a query takes the ORM several times as long as PostgreSQL needs to answer it. The SQL of the queryset is
kept, and the queryset stays the only definition of who sees what.
"""

import uuid
from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet

from portal.core.actor import Actor

M = TypeVar("M", bound=Model)

# Stand in for the ids of a call while the query is built, and are found again among its parameters.
_ACTOR_ID = uuid.UUID("6a1d4a4e-0000-4000-8000-000000000001")
_ROW_ID = uuid.UUID("6a1d4a4e-0000-4000-8000-000000000002")


class VisibleRow(Generic[M]):
    """One row by its id, as someone sees it.

    Args:
        build: the queryset of an actor and an id. It selects whole rows of one table, and its form depends on the two
            ids only through its parameters.
    """

    def __init__(self, build: Callable[[Actor, uuid.UUID], QuerySet[M]]) -> None:
        self._build = build

    def get(self, actor: Actor, row_id: uuid.UUID) -> M | None:
        """None where it is missing or not visible; no actor, no rows."""
        if not actor.is_person or actor.id is None:
            return None
        statement, parameters, model, fields = self._prepared
        bound = {_ACTOR_ID: actor.id, _ROW_ID: row_id}
        with connection.cursor() as cursor:
            cursor.execute(statement, [bound.get(part, part) for part in parameters])
            row = cursor.fetchone()
        return model.from_db(DEFAULT_DB_ALIAS, fields, row) if row else None

    @cached_property
    def _prepared(self) -> tuple[str, list[Any], type[M], list[str]]:
        found = self._build(Actor("person", id=_ACTOR_ID), _ROW_ID)
        statement, parameters = found.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        if not {_ACTOR_ID, _ROW_ID} <= set(parameters):
            raise LookupError(f"the query of {found.model.__name__} does not depend on the actor and the id")
        return statement, list(parameters), found.model, [field.attname for field in found.model._meta.concrete_fields]
