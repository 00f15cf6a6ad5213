import datetime
import uuid
from typing import Self, TypeVar

from django.db import models

from portal.core.actor import Actor

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that is asked as someone: no actor, no rows."""

    def visible_to(self, actor: Actor) -> Self:
        if not actor.is_person or actor.id is None:
            return self.none()
        return self._visible_to_person(actor)

    def _visible_to_person(self, actor: Actor) -> Self:
        """Default deny: a model that does not say who sees it is seen by nobody."""
        return self.none()


def beginning_after(
    found: "models.QuerySet[M]", column: str, at: datetime.datetime, pk: uuid.UUID
) -> "models.QuerySet[M]":
    """The part of a list, oldest first by a column and the id, that comes after a row (keyset pagination)."""
    later = models.Q(**{f"{column}__gt": at}) | models.Q(**{column: at, "pk__gt": pk})
    return found.filter(later)
