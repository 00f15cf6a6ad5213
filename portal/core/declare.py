"""Declaring the action of an entrance (view, consumer, task). Undeclared entrances fail the permission walk."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest

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


_BY_METHOD = "appliance_actions"


def declares_by_method(view: object, actions: Mapping[str, Action]) -> None:
    """Mark a view that holds an operation a method, such as one of the API's."""
    setattr(view, _BY_METHOD, actions)


def action_of_request(request: HttpRequest) -> Action | None:
    """The action of the view that the request's address leads to; None where it declares none."""
    if request.resolver_match is None:
        return None
    view = request.resolver_match.func
    by_method: Mapping[str, Action] = getattr(view, _BY_METHOD, {})
    return by_method.get(request.method or "") or declared_action(view)
