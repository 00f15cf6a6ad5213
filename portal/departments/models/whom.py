"""Whose rights a query asks for."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, OuterRef

from portal.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Whom:
    """A person by id, or the one whom a column of the query's rows names (``owner_id`` of runs, say)."""

    id: uuid.UUID | None = None
    column: str = ""
    depth: int = 0

    @classmethod
    def of(cls, actor: Actor) -> "Whom":
        return cls(id=actor.person_id)

    @property
    def inside(self) -> "Whom":
        """The same person, named from inside a subquery."""
        return replace(self, depth=self.depth + 1) if self.column else self

    @property
    def value(self) -> Any:  # whatever a filter of Django takes
        named: Any = self.column
        if not named:
            return self.id
        if not self.depth:
            return F(named)
        for _ in range(self.depth):
            named = OuterRef(named)
        return named
