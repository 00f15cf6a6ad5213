"""How many statements each page about the company takes; none more than fifteen, whatever the size of the company.

``BASELINE`` holds what a page takes today, for a platform administrator and for a manager. A page that takes more
fails; where it takes less, lower the number.
"""

from functools import partial
from typing import Any

import pytest

from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.models import Department
from tests.conftest import ClientOf
from tests.people import Company, join
from tests.portal.budgets import MOST, counted, taken
from tests.portal.console.company_pages import DEPARTMENT, PLACE, RIGHTS, ROWS, ids_of, wide_company

BASELINE: dict[str, tuple[int, int | None]] = {
    "GET /console/departments/": (6, 9),
    "GET /console/departments/<uuid:department_id>/": (15, 15),
    "GET /console/departments/<uuid:department_id>/first-questions/": (6, 9),
    "GET /console/departments/<uuid:department_id>/give/": (8, 11),
    "GET /console/departments/<uuid:department_id>/invite/": (7, 10),
    "GET /console/departments/<uuid:department_id>/move/": (6, 9),
    "GET /console/departments/<uuid:department_id>/people/<uuid:person_id>/move/": (7, 10),
    "GET /console/departments/<uuid:department_id>/people/<uuid:person_id>/take-out/": (6, 9),
    "GET /console/departments/<uuid:department_id>/remove/": (8, 11),
    "GET /console/departments/<uuid:department_id>/rename/": (5, 8),
    "GET /console/departments/<uuid:department_id>/roles/<uuid:membership_id>/take/": (6, 9),
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
    "GET /console/rights/<slug:kind>/<uuid:object_id>/lift/<uuid:denial_id>/": (7, 10),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/withdraw/<uuid:subject_id>/": (8, 11),
    "GET /console/roles/": (5, None),
    "GET /console/roles/<uuid:role_id>/": (5, None),
    "GET /console/roles/<uuid:role_id>/remove/": (15, None),
    "GET /console/roles/new/": (3, None),
    "GET /console/why/": (7, 9),
    "GET /console/workspaces/": (5, 8),
    "GET /console/workspaces/<uuid:workspace_id>/": (10, 13),
    "GET /console/workspaces/<uuid:workspace_id>/archive/": (4, 7),
    "GET /console/workspaces/<uuid:workspace_id>/change/": (4, 7),
    "GET /console/workspaces/<uuid:workspace_id>/first-questions/": (5, 8),
    "GET /console/workspaces/<uuid:workspace_id>/instructions/": (5, 8),
    "GET /console/workspaces/<uuid:workspace_id>/move/": (5, 8),
}

PREVIEWS: dict[str, tuple[int, int | None]] = {
    "GET /console/departments/<uuid:department_id>/give/": (21, 45),
    "GET /console/departments/<uuid:department_id>/people/<uuid:person_id>/move/": (34, 58),
    "GET /console/departments/<uuid:department_id>/people/<uuid:person_id>/take-out/": (27, 31),
    "GET /console/departments/<uuid:department_id>/roles/<uuid:membership_id>/take/": (24, 28),
    "GET /console/engines/<uuid:engine_id>/reserved/": (12, None),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/deny/": (20, 22),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/give/": (16, 18),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/lift/<uuid:denial_id>/": (17, 21),
    "GET /console/rights/<slug:kind>/<uuid:object_id>/withdraw/<uuid:subject_id>/": (19, 23),
    "GET /console/roles/<uuid:role_id>/": (14, None),
    "GET /console/roles/<uuid:role_id>/remove/": (15, None),
    "GET /console/workspaces/<uuid:workspace_id>/archive/": (13, 17),
    "GET /console/workspaces/<uuid:workspace_id>/move/": (15, 26),
}
"""What it takes to find out what a change would do, which is fetched after its page: the change is made, looked at and
taken back, with all the checks of its service."""


@pytest.fixture
def wide(company: Company) -> Company:
    wide_company(company, 60)
    for person in company.people.values():
        join(person, company.departments["Finance"])
    return company


@pytest.mark.parametrize("route", sorted(ROWS))
def test_a_page_stays_within_its_budget(route: str, wide: Company, client_of: ClientOf) -> None:
    path = ids_of(wide).address(route)
    for name, baseline in zip(("dana", "erin"), BASELINE[route], strict=True):
        if baseline is not None:
            assert taken(client_of(wide, name), path) <= min(MOST, baseline), name


def typed() -> dict[str, dict[str, Any]]:
    """What is chosen in the form before a change is looked at; pages without one ask at once."""
    member, elsewhere = builtin_role(RoleKey.MEMBER).pk, Department.objects.get(name="Team 0059").pk
    person, desk = {"person": "charlie", "department": ""}, ["workspace.view"]
    return {
        DEPARTMENT + "give/": {"person": "charlie", "role": member},
        DEPARTMENT + "people/<uuid:person_id>/move/": {"to": elsewhere},
        DEPARTMENT + "people/<uuid:person_id>/take-out/": {},
        DEPARTMENT + "roles/<uuid:membership_id>/take/": {},
        "GET /console/engines/<uuid:engine_id>/reserved/": {},
        RIGHTS + "deny/": {**person, "right": "workspace.view", "reason": "inquiry"},
        RIGHTS + "give/": {**person, "rights": desk},
        RIGHTS + "lift/<uuid:denial_id>/": {},
        RIGHTS + "withdraw/<uuid:subject_id>/": {"rights": desk},
        "GET /console/roles/<uuid:role_id>/": {"name": "Observer", "rights": ["department.view"]},
        "GET /console/roles/<uuid:role_id>/remove/": {},
        PLACE + "archive/": {},
        PLACE + "move/": {"to": elsewhere},
    }


def test_what_a_change_would_do_is_found_out_within_its_budget(wide: Company, client_of: ClientOf) -> None:
    ids = ids_of(wide)
    clients = {name: client_of(wide, name) for name in ("dana", "erin")}
    over = {}
    for route, data in typed().items():
        address = ids.address(route)
        for client, baseline in zip(clients.values(), PREVIEWS[route], strict=True):
            if baseline is not None:
                ask = partial(client.post, address, data, headers={"HX-Request": "true"})
                if counted(ask) > baseline:
                    over[route] = baseline
    assert over == {}
