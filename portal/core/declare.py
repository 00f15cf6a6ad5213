"""Declaring the action of an entrance (view, consumer, task). Undeclared entrances fail the permission walk."""

from collections.abc import Callable
from typing import Any, TypeVar

from portal.core.catalogue import Action, action_named

Entrance = TypeVar("Entrance", bound=Callable[..., Any])

_ATTRIBUTE = "appliance_action"


def declares(action_name: str) -> Callable[[Entrance], Entrance]:
    """Mark ``entrance`` with an action of the catalogue.

    Raises:
        UnknownAction: at import, where the name is not in the catalogue.
    """
    action = action_named(action_name)

    def mark(entrance: Entrance) -> Entrance:
        setattr(entrance, _ATTRIBUTE, action)
        return entrance

    return mark


def declared_action(entrance: object) -> Action | None:
    found = getattr(entrance, _ATTRIBUTE, None)
    return found if isinstance(found, Action) else None
