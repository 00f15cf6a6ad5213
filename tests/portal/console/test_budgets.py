"""How many statements each page about the company takes; none more than fifteen, whatever the size of the company.

``BASELINE`` holds what a page takes today, for a platform administrator and for a manager. A page that takes more
fails; where it takes less, lower the number.
"""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import ClientOf
from tests.people import Company, join
from tests.portal.console.company_pages import ROWS, ids_of, wide_company

MOST = 15
# These ask at once, so that showing them makes the change, with all the checks of its service, and takes it back.
CHANGES = {
    "GET /console/departments/<uuid:department_id>/people/<uuid:person_id>/take-out/",
    "GET /console/departments/<uuid:department_id>/roles/<uuid:membership_id>/take/",
    "GET /console/rights/<slug:kind>/<uuid:object_id>/lift/<uuid:denial_id>/",
    "GET /console/workspaces/<uuid:workspace_id>/archive/",
}
MOST_WITH_A_CHANGE = 32
BASELINE: dict[str, tuple[int, int | None]] = {
    "GET /console/departments/": (6, 9),
    "GET /console/departments/<uuid:department_id>/": (15, 15),
    "GET /console/departments/<uuid:department_id>/give/": (8, 11),
    "GET /console/departments/<uuid:department_id>/invite/": (7, 10),
    "GET /console/departments/<uuid:department_id>/move/": (6, 9),
    "GET /console/departments/<uuid:department_id>/people/<uuid:person_id>/move/": (7, 10),
    "GET /console/departments/<uuid:department_id>/people/<uuid:person_id>/take-out/": (27, 31),
    "GET /console/departments/<uuid:department_id>/remove/": (8, 11),
    "GET /console/departments/<uuid:department_id>/rename/": (5, 8),
    "GET /console/departments/<uuid:department_id>/roles/<uuid:membership_id>/take/": (24, 29),
    "GET /console/departments/<uuid:department_id>/usage/": (11, 14),
    "GET /console/departments/<uuid:department_id>/workspaces/new/": (5, 8),
    "GET /console/departments/new/": (4, 7),
    "GET /console/engines/<uuid:engine_id>/reserved/": (12, None),
    "GET /console/people/": (5, 9),
    "GET /console/people/<uuid:person_id>/": (12, 15),
    "GET /console/people/<uuid:person_id>/invitation/": (4, 7),
    "GET /console/people/<uuid:person_id>/platform-role/": (4, None),
    "GET /console/people/invite/": (6, 9),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/": (11, 14),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/deny/": (10, 11),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/give/": (10, 11),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/lift/<uuid:denial_id>/": (17, 21),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/withdraw/<uuid:subject_id>/": (8, 11),
    "GET /console/roles/": (5, None),
    "GET /console/roles/<uuid:role_id>/": (5, None),
    "GET /console/roles/<uuid:role_id>/remove/": (15, None),
    "GET /console/roles/new/": (3, None),
    "GET /console/why/": (7, 9),
    "GET /console/workspaces/": (5, 8),
    "GET /console/workspaces/<uuid:workspace_id>/": (8, 11),
    "GET /console/workspaces/<uuid:workspace_id>/archive/": (13, 17),
    "GET /console/workspaces/<uuid:workspace_id>/change/": (4, 7),
    "GET /console/workspaces/<uuid:workspace_id>/move/": (5, 8),
}


@pytest.fixture
def wide(company: Company) -> Company:
    wide_company(company, 60)
    for person in company.people.values():
        join(person, company.departments["Finance"])
    return company


def taken(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len([query for query in queries if "SAVEPOINT" not in query["sql"]])


@pytest.mark.parametrize("route", sorted(ROWS))
def test_a_page_stays_within_its_budget(route: str, wide: Company, client_of: ClientOf) -> None:
    path = ids_of(wide).address(route)
    most = MOST_WITH_A_CHANGE if route in CHANGES else MOST
    for name, baseline in zip(("dana", "erin"), BASELINE[route], strict=True):
        if baseline is not None:
            assert taken(client_of(wide, name), path) <= min(most, baseline), name
