"""How many statements each page takes that is not about the company (those: console/test_budgets.py), at most fifteen.

``PAGES`` holds what a page takes today of whoever it takes the most of, in a company with twenty of everything that it
lists. A page that takes more fails, and so does a new one without a number; where it takes less, lower the number.
"""

from django.test import Client

from tests.conftest import ClientOf
from tests.house.entrances import http_entrances
from tests.people import Company
from tests.portal.budgets import MOST, taken
from tests.portal.console.company_pages import ROWS
from tests.portal.console.wide import Addresses

READERS = ("dana", "erin", "frank", "alice", None)
NO_PAGES = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /manifest.webmanifest",
    "GET /service-worker.js",
    "GET /console/autocomplete/",
    "GET /console/jsi18n/",
    "GET /console/journal/export/",
}
"""For programs and scripts."""
CLOSED = {
    "GET /console/settings/save/",
    "GET /console/logout/",
    "GET /console/(?P<url>.*)$",
    *(
        f"GET /console/{place}/<path:object_id>/{end}"
        for place in (
            "accounts/user",
            "departments/workspace",
            "engines/engine",
            "runs/run",
            "chat/breakglass",
            "retention/rule",
            "retention/hold",
        )
        for end in ("", "delete/")
        if (place, end) != ("retention/rule", "delete/")
    ),
    *(
        f"GET /console/{place}/add/"
        for place in ("accounts/user", "departments/workspace", "engines/engine", "runs/run")
    ),
    "GET /console/engines/engine/<path:object_id>/rights/",
}
"""Nobody gets a page there: they lead elsewhere, or refuse everybody."""
PAGES: dict[str, int] = {
    "GET /": 11,
    "GET /drawing/": 2,
    "GET /offline/": 2,
    "GET /break-glass/<uuid:break_glass_id>/": 5,
    "GET /c/<uuid:conversation_id>/": 14,
    "GET /c/<uuid:conversation_id>/newer/": 7,
    "GET /c/<uuid:conversation_id>/older/": 8,
    "GET /console/": 11,
    "GET /console/^(?P<app_label>accounts|departments|engines|runs|chat|retention)/$": 3,
    "GET /console/accounts/user/": 5,
    "GET /console/accounts/user/<path:object_id>/change/": 10,
    "GET /console/accounts/user/<path:object_id>/erase/": 8,
    "GET /console/accounts/user/<path:object_id>/history/": 5,
    "GET /console/chat/breakglass/": 7,
    "GET /console/chat/breakglass/<path:object_id>/approve/": 6,
    "GET /console/chat/breakglass/<path:object_id>/change/": 7,
    "GET /console/chat/breakglass/<path:object_id>/end/": 6,
    "GET /console/chat/breakglass/<path:object_id>/history/": 7,
    "GET /console/chat/breakglass/<path:object_id>/refuse/": 6,
    "GET /console/chat/breakglass/add/": 5,
    "GET /console/departments/workspace/": 5,
    "GET /console/departments/workspace/<path:object_id>/change/": 5,
    "GET /console/departments/workspace/<path:object_id>/history/": 5,
    "GET /console/engines/engine/": 5,
    "GET /console/engines/engine/<path:object_id>/change/": 5,
    "GET /console/engines/engine/<path:object_id>/history/": 5,
    "GET /console/engines/engine/<path:object_id>/make-default/": 5,
    "GET /console/journal/": 9,
    "GET /console/journal/<uuid:entry_id>/": 7,
    "GET /console/retention/hold/": 5,
    "GET /console/retention/hold/<path:object_id>/change/": 5,
    "GET /console/retention/hold/<path:object_id>/history/": 5,
    "GET /console/retention/hold/<path:object_id>/release/": 4,
    "GET /console/retention/hold/add/": 4,
    "GET /console/retention/rule/": 10,
    "GET /console/retention/rule/<path:object_id>/change/": 11,
    "GET /console/retention/rule/<path:object_id>/delete/": 14,
    "GET /console/retention/rule/<path:object_id>/history/": 10,
    "GET /console/retention/rule/add/": 9,
    "GET /console/retention/rule/dry-run/": 13,
    "GET /console/retention/rule/in-force/": 11,
    "GET /console/runs/run/": 6,
    "GET /console/runs/run/<path:object_id>/change/": 7,
    "GET /console/runs/run/<path:object_id>/history/": 5,
    "GET /console/search/": 3,
    "GET /console/settings/": 5,
    "GET /console/settings/<slug:name>/history/": 4,
    "GET /console/settings/difference/": 6,
    "GET /console/settings/history/": 4,
    "GET /console/settings/history/<int:version>/revert/": 6,
    "GET /imports/": 5,
    "GET /imports/list/": 4,
    "GET /invitation/<str:uidb64>/<str:token>/": 12,
    "GET /notices/": 4,
    "GET /notices/unseen/": 4,
    "GET /prompts/": 9,
    "GET /search/": 8,
    "GET /settings/": 4,
    "GET /sign-in/": 1,
    "GET /sign-out/": 3,
    "GET /w/<uuid:workspace_id>/": 12,
    "GET /w/<uuid:workspace_id>/archived/": 5,
    "GET /w/<uuid:workspace_id>/conversations/": 5,
    "GET /w/<uuid:workspace_id>/deleted/": 5,
    "GET /w/<uuid:workspace_id>/side/": 7,
}


def test_every_page_stays_within_its_budget(company: Company, client_of: ClientOf) -> None:
    routes = {entrance.name for entrance in http_entrances() if entrance.name.startswith("GET ")}
    routes = {route for route in routes if not route.startswith("GET /api") and route not in ROWS}
    addresses = Addresses(company)
    clients = [client_of(company, name) for name in READERS]
    # In this order, since an invitation's link begins a session, which takes a statement on later pages.
    found = {route: most(clients, addresses.of(route)) for route in sorted(routes - NO_PAGES)}
    assert {route for route, number in found.items() if number is None} == CLOSED
    numbers = {route: number for route, number in found.items() if number is not None}
    assert numbers.keys() == PAGES.keys()
    over = {route: number for route, number in numbers.items() if number > PAGES[route]}
    assert over == {}
    assert max(PAGES.values()) <= MOST


def most(clients: list[Client], path: str) -> int | None:
    """Of those who get a page there; None: nobody does."""
    numbers = [taken(client, found) for client in clients if (found := page_at(client, path))]
    return max(numbers, default=None)


def page_at(client: Client, path: str) -> str | None:
    answer = client.get(path)
    if path.startswith("/invitation/") and answer.status_code == 302:
        # The link leads to its form, and the session keeps the token.
        return page_at(client, answer["Location"]) if answer["Location"] != path else None
    is_page = answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    return path if is_page else None
