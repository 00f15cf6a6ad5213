"""Every page about the company with who gets what, and what fills its address."""

import re
from dataclasses import dataclass
from typing import Any

from portal.core.catalogue import WORKSPACE
from portal.departments.denials import deny
from portal.departments.grants import give
from portal.departments.models import Department, Membership, Workspace, WorkspaceDenial
from portal.departments.services.roles import create_role
from tests.people import Company

#               anonymous, outsider, owner, colleague, manager, administrator, auditor, suspended
OF_COMPANY = (302, 404, 404, 404, 200, 200, 404, 302)
OF_ADMINISTRATION = (302, 404, 404, 404, 404, 200, 404, 302)
# A manager knows the engines that he may use; only platform administrators give rights on them.
OF_ENGINES = (302, 404, 404, 404, 403, 200, 404, 302)

DEPARTMENT = "GET /console/departments/<uuid:department_id>/"
PLACE = "GET /console/workspaces/<uuid:workspace_id>/"
PERSON = "GET /console/people/<uuid:person_id>/"
RIGHTS = "GET /console/rights/<slug:kind>/<uuid:object_id>/"
ROWS: dict[str, tuple[int, ...]] = {
    "GET /console/departments/": OF_COMPANY,
    "GET /console/departments/new/": OF_COMPANY,
    DEPARTMENT: OF_COMPANY,
    f"{DEPARTMENT}rename/": OF_COMPANY,
    f"{DEPARTMENT}move/": OF_COMPANY,
    f"{DEPARTMENT}remove/": OF_COMPANY,
    f"{DEPARTMENT}give/": OF_COMPANY,
    f"{DEPARTMENT}invite/": OF_COMPANY,
    f"{DEPARTMENT}usage/": OF_COMPANY,
    f"{DEPARTMENT}workspaces/new/": OF_COMPANY,
    f"{DEPARTMENT}roles/<uuid:membership_id>/take/": OF_COMPANY,
    f"{DEPARTMENT}people/<uuid:person_id>/move/": OF_COMPANY,
    f"{DEPARTMENT}people/<uuid:person_id>/take-out/": OF_COMPANY,
    "GET /console/people/": OF_COMPANY,
    "GET /console/people/invite/": OF_COMPANY,
    PERSON: OF_COMPANY,
    f"{PERSON}invitation/": OF_COMPANY,
    f"{PERSON}platform-role/": OF_ADMINISTRATION,
    "GET /console/workspaces/": OF_COMPANY,
    PLACE: OF_COMPANY,
    f"{PLACE}change/": OF_COMPANY,
    f"{PLACE}move/": OF_COMPANY,
    f"{PLACE}archive/": OF_COMPANY,
    f"{PLACE}instructions/": OF_COMPANY,
    f"{PLACE}first-questions/": OF_COMPANY,
    f"{DEPARTMENT}first-questions/": OF_COMPANY,
    "GET /console/roles/": OF_ADMINISTRATION,
    "GET /console/roles/new/": OF_ADMINISTRATION,
    "GET /console/roles/<uuid:role_id>/": OF_ADMINISTRATION,
    "GET /console/roles/<uuid:role_id>/remove/": OF_ADMINISTRATION,
    RIGHTS: OF_COMPANY,
    f"{RIGHTS}give/": OF_COMPANY,
    f"{RIGHTS}withdraw/<uuid:subject_id>/": OF_COMPANY,
    f"{RIGHTS}deny/": OF_COMPANY,
    f"{RIGHTS}lift/<uuid:denial_id>/": OF_COMPANY,
    "GET /console/engines/<uuid:engine_id>/reserved/": OF_ENGINES,
    "GET /console/why/": OF_COMPANY,
}
OF_A_PLACE = sorted(route for route in ROWS if "<" in route and ROWS[route] == OF_COMPANY)


@dataclass(frozen=True)
class Ids:
    """What fills the addresses: everything of one department."""

    values: dict[str, Any]

    def address(self, route: str) -> str:
        return re.sub(r"<\w+:(\w+)>", lambda name: str(self.values[name[1]]), route.partition(" ")[2])


def ids_of(company: Company, department: str = "Logistics", member: str = "alice") -> Ids:
    """With a grant and a denial on the department's workspace, and a role that the company made."""
    dana, place = company.actor("dana"), company.workspace(department)
    other = company.people["charlie" if department == "Logistics" else "alice"]
    give(dana, other, place, ["workspace.view"])
    deny(dana, other, place, ["message.ask"], "inquiry")
    person = company.people[member]
    return Ids(
        {
            "department_id": company.departments[department].pk,
            "membership_id": Membership.objects.get(person=person, department__name=department).pk,
            "person_id": person.pk,
            "workspace_id": place.pk,
            "kind": WORKSPACE,
            "object_id": place.pk,
            "subject_id": other.pk,
            "denial_id": WorkspaceDenial.objects.get(content_object=place).pk,
            "role_id": create_role(dana, "Observer", ["workspace.view"]).pk,
            "engine_id": company.engine.pk,
        }
    )


def wide_company(company: Company, departments: int) -> None:
    """More departments under Logistics, with a workspace each."""
    above = Department.objects.get(pk=company.departments["Logistics"].pk)
    for number in range(departments):
        below: Any = Department.objects.add_child(above, instance=Department(name=f"Team {number:04}"))
        Workspace.objects.create(department=below, name=f"Desk {number:04}")
        above = Department.objects.get(pk=above.pk)
