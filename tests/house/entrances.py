"""Every way into the appliance: URL patterns with their methods, websocket routes, tasks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView

from appliance.sockets import websocket_urlpatterns
from portal.core.catalogue import Action
from portal.core.declare import declared_action


@dataclass(frozen=True)
class Entrance:
    """``name`` is ``METHOD /route`` of a URL, the route of a socket, or the name of a task."""

    name: str
    action: Action | None


def http_entrances() -> list[Entrance]:
    """URL patterns; each operation of the API is one of its own. Pages count as GET unless a view says more."""
    # An address with several operations stands in the patterns once for each name of them.
    return list(dict.fromkeys(_walk(get_resolver().url_patterns, "/")))


def _walk(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> Iterator[Entrance]:
    for pattern in patterns:
        # Ninja writes its own converter into the route.
        route = prefix + str(pattern.pattern).replace("<uuidstr:", "<uuid:")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
            continue
        view = _path_view(pattern.callback)
        if view is not None:
            yield from (
                Entrance(f"{method} {route}", declared_action(operation.view_func))
                for operation in view.operations
                for method in operation.methods
            )
        elif route != "/api/":
            # The API's root only gives the others their prefix: it answers 404 to everybody.
            yield Entrance(f"GET {route}", _action_of(pattern.callback))


def _path_view(callback: Callable[..., Any]) -> PathView | None:
    """The PathView behind the function that ninja hands to Django."""
    found = [getattr(callback, "__self__", None)]
    found += [cell.cell_contents for cell in getattr(callback, "__closure__", None) or ()]
    return next((item for item in found if isinstance(item, PathView)), None)


def _action_of(callback: Callable[..., Any]) -> Action | None:
    """The view's own, or that of the console's door, through which Django's admin sends each of its views."""
    site = getattr(callback, "admin_site", None) or getattr(getattr(callback, "model_admin", None), "admin_site", None)
    return declared_action(callback) or (declared_action(site.admin_view) if site is not None else None)


def socket_entrances() -> list[Entrance]:
    return [
        Entrance(f"/{pattern.pattern}", declared_action(pattern.callback.consumer_class))
        for pattern in websocket_urlpatterns
    ]


def task_entrances() -> list[Entrance]:
    current_app.loader.import_default_modules()
    own = {name: task for name, task in current_app.tasks.items() if not name.startswith("celery.")}
    return [Entrance(name, declared_action(task.run)) for name, task in own.items()]
