"""What some kinds of notices are about may be closed to the person by the time he looks: their room is asked then."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from portal.core.actor import Actor
from portal.notices.models import Notice

Look = Callable[[Actor, Sequence[Notice]], Mapping[uuid.UUID, Mapping[str, Any]]]
"""Of notices: what is to be shown of each beside its body, by its id. One that is left out is not shown."""

_looks: dict[str, Look] = {}


def register_look(kinds: Iterable[str], look: Look) -> None:
    for kind in kinds:
        _looks[kind] = look


def as_shown(actor: Actor, rows: Iterable[Notice]) -> list[Notice]:
    """Those that the person may be told at this moment, in their order."""
    found = list(rows)
    asked: dict[Look, list[Notice]] = {}
    for row in found:
        if row.kind in _looks:
            asked.setdefault(_looks[row.kind], []).append(row)
    shown = {pk: extra for look, some in asked.items() for pk, extra in look(actor, some).items()}
    for row in found:
        row.body = {**row.body, **shown.get(row.pk, {})}
    return [row for row in found if row.kind not in _looks or row.pk in shown]
