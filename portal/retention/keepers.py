"""What the rooms tell of the data that they store: the registry of keepers.

A room registers a keeper for each kind of data it has; a room whose rows hang on another's (by a foreign key) registers
what goes with them. Retention deletes nothing that nobody has registered: a row that would be left without what it
points to makes the whole batch fail.
"""

import datetime
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Model

from portal.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked about: all of a person's, or all in workspaces that is older than their days."""

    days: Mapping[uuid.UUID, int] = field(default_factory=dict)
    person: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table: those whose ``column`` is one of ``values``."""

    model: type[Model]
    column: str
    values: Sequence[uuid.UUID]

    @property
    def table(self) -> str:
        return self.model._meta.db_table


# What becomes of data that is selected.
GOES, HELD, UNFINISHED = "goes", "held", "unfinished"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of what is selected, of one fate, in one workspace; ``workspace`` None: in all of them."""

    workspace: uuid.UUID | None
    fate: str
    items: int
    people: int
    rows: Mapping[str, int]
    bytes: int
    oldest: datetime.datetime
    newest: datetime.datetime


class Keeper(Protocol):
    """A kind of data. Items are what rules count (a conversation); parts are the rows that make them."""

    kind: str
    # What of a person's the keeper deletes itself, or leaves to others whose it is as well.
    models: tuple[type[Model], ...]

    def tally(self, selection: Selection) -> list[Tally]: ...

    def claim(self, selection: Selection, limit: int) -> list[uuid.UUID]:
        """Items that may go, locked; those that somebody else has locked are left out."""

    def parts(self, items: Sequence[uuid.UUID]) -> list[Part]:
        """In the order in which they are to be deleted; the items themselves last."""

    def release(self, items: Sequence[uuid.UUID]) -> None:
        """Tell those who work on the items, at the commit, that they are gone."""

    def forget(self, person: uuid.UUID) -> dict[str, int]:
        """Delete what is left of a person and belongs to no item; rows by model."""

    def export(self, person: uuid.UUID, reader: Actor | None) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Files of JSON lines: name and lines. With a reader only what he may see."""


Dependants = Callable[[Sequence[Any]], list[Part]]

_keepers: dict[str, Keeper] = {}
_dependants: dict[type[Model], list[Dependants]] = {}


def register(keeper: Keeper) -> None:
    _keepers[keeper.kind] = keeper


def register_dependants(model: type[Model], dependants: Dependants) -> None:
    """``dependants`` says, for ids of ``model``, which rows go before them."""
    _dependants.setdefault(model, []).append(dependants)


def keepers() -> list[Keeper]:
    return [_keepers[kind] for kind in sorted(_keepers)]


def keeper_of(kind: str) -> Keeper:
    return _keepers[kind]


def all_parts(keeper: Keeper, items: Sequence[uuid.UUID]) -> list[Part]:
    """The keeper's, each with what other rooms have registered before it."""
    found: list[Part] = []
    for part in keeper.parts(items):
        _with_dependants(part, found)
    return found


def _with_dependants(part: Part, found: list[Part]) -> None:
    if part.column == part.model._meta.pk.attname:
        for dependants in _dependants.get(part.model, []):
            for dependant in dependants(part.values):
                _with_dependants(dependant, found)
    found.append(part)
