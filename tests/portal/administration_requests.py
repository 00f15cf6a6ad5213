"""The rows and requests of the administration over `/api`, at Logistics, which erin manages."""

import json
import re
import uuid
from typing import Any

from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.denials import deny
from portal.departments.grants import give
from portal.departments.models import Department, Membership, WorkspaceDenial
from portal.departments.services.memberships import invite_person
from portal.departments.services.roles import create_role
from tests.people import Company

#            anonymous, outsider, owner, colleague, manager, administrator, auditor, suspended
SEEN = (401, 404, 200, 200, 200, 200, 404, 401)
MANAGED = (401, 404, 403, 403, 200, 200, 404, 401)
MANAGERS = (401, 403, 403, 403, 200, 200, 403, 401)
ADMINISTRATORS = (401, 403, 403, 403, 403, 200, 403, 401)


def made(expected: tuple[int, ...], status: int = 201) -> tuple[int, ...]:
    return tuple(status if value == 200 else value for value in expected)


DEPARTMENT, WORKSPACE = "<uuid:department_id>", "<uuid:workspace_id>"
ROWS: dict[str, tuple[int, ...]] = {
    "GET /invitation/<str:uidb64>/<str:token>/": (404,) * 8,
    "POST /api/departments": made(MANAGED),
    f"PATCH /api/departments/{DEPARTMENT}": MANAGED,
    f"DELETE /api/departments/{DEPARTMENT}": made(MANAGED, 204),
    f"GET /api/departments/{DEPARTMENT}/workspaces": SEEN,
    f"GET /api/departments/{DEPARTMENT}/people": MANAGED,
    f"POST /api/departments/{DEPARTMENT}/memberships": made(MANAGED),
    f"DELETE /api/departments/{DEPARTMENT}/memberships/<uuid:membership_id>": made(MANAGED, 204),
    f"POST /api/departments/{DEPARTMENT}/moves": made(MANAGED, 204),
    f"POST /api/departments/{DEPARTMENT}/invitations": made(MANAGED),
    "POST /api/workspaces": made(MANAGED),
    f"GET /api/workspaces/{WORKSPACE}": SEEN,
    f"PATCH /api/workspaces/{WORKSPACE}": MANAGED,
    f"GET /api/workspaces/{WORKSPACE}/people": MANAGED,
    f"GET /api/workspaces/{WORKSPACE}/instructions": SEEN,
    f"PUT /api/workspaces/{WORKSPACE}/instructions": MANAGED,
    f"GET /api/workspaces/{WORKSPACE}/first-questions": SEEN,
    f"PUT /api/workspaces/{WORKSPACE}/first-questions": MANAGED,
    f"GET /api/departments/{DEPARTMENT}/first-questions": SEEN,
    f"PUT /api/departments/{DEPARTMENT}/first-questions": MANAGED,
    "GET /api/rights": (401, 200, 200, 200, 200, 200, 200, 401),
    "GET /api/rights/explanation": MANAGED,
    "GET /api/roles": MANAGERS,
    "POST /api/roles": made(ADMINISTRATORS),
    "PATCH /api/roles/<uuid:role_id>": ADMINISTRATORS,
    "DELETE /api/roles/<uuid:role_id>": made(ADMINISTRATORS, 204),
    "GET /api/grants": MANAGED,
    "POST /api/grants": made(MANAGED),
    "DELETE /api/grants": made(MANAGED, 204),
    "GET /api/denials": MANAGED,
    "POST /api/denials": made(MANAGED),
    "DELETE /api/denials/<kind>/<uuid:denial_id>": made(MANAGED, 204),
    "POST /api/people/<uuid:person_id>/invitation": made(MANAGERS),
    "POST /api/people/imports": made(MANAGERS),
}


def furnish(company: Company) -> dict[str, Any]:
    """What the requests need besides: an empty department, an invited person with a grant, a role, a denial."""
    dana, logistics, workspace = company.actor("dana"), company.departments["Logistics"], company.workspace()
    logistics.refresh_from_db()
    spare = Department.objects.add_child(logistics, instance=Department(name="Dispatch"))
    member = builtin_role(RoleKey.MEMBER)
    ivy = invite_person(dana, {"username": "ivy"}, logistics, member)
    give(dana, ivy, workspace, ["workspace.view"])
    deny(dana, company.people["charlie"], workspace, ["message.ask"])
    return {
        "workspace_id": workspace.pk,
        "department_id": logistics.pk,
        "spare_id": spare.pk,
        "membership_id": Membership.objects.get(person=company.people["bob"], department=logistics).pk,
        "member_id": member.pk,
        "role_id": create_role(dana, "Reader", ["department.view"]).pk,
        "denial_id": WorkspaceDenial.objects.get().pk,
        "person_id": ivy.pk,
        "uidb64": urlsafe_base64_encode(force_bytes(ivy.pk)),
        "token": "abc-def",
        "kind": "workspace",
    }


def body(route: str, ids: dict[str, Any]) -> dict[str, Any]:
    """What the manager's request is accepted with."""
    on_workspace = {"kind": "workspace", "object": str(ids["workspace_id"])}
    department, spare, member = (str(ids[name]) for name in ("department_id", "spare_id", "member_id"))
    bodies: dict[str, dict[str, Any]] = {
        "POST /api/departments": {"name": "Night shift", "parent": department},
        f"PATCH /api/departments/{DEPARTMENT}": {"name": "Forwarding"},
        f"POST /api/departments/{DEPARTMENT}/memberships": {"person": "charlie", "role": member},
        f"POST /api/departments/{DEPARTMENT}/moves": {"person": "bob", "to": spare},
        f"POST /api/departments/{DEPARTMENT}/invitations": {"username": "judy", "first_name": "Judy", "role": member},
        "POST /api/workspaces": {"department": department, "name": "Night desk", "purpose": "What comes by night"},
        f"PATCH /api/workspaces/{WORKSPACE}": {"name": "Day desk", "department": spare, "archived": True},
        f"PUT /api/workspaces/{WORKSPACE}/instructions": {"text": "Answer in two sentences."},
        f"PUT /api/workspaces/{WORKSPACE}/first-questions": {"questions": ["Where is container 7?"]},
        f"PUT /api/departments/{DEPARTMENT}/first-questions": {"questions": ["Which ships are late?"]},
        "POST /api/roles": {"name": "Asker", "rights": ["workspace.view"]},
        "PATCH /api/roles/<uuid:role_id>": {"rights": ["workspace.view"]},
        "POST /api/grants": {**on_workspace, "subject": {"department": spare}, "rights": ["workspace.view"]},
        "POST /api/denials": {**on_workspace, "subject": {"department": spare}, "rights": ["message.ask"]},
        "POST /api/people/imports": {"table": f"username,department,role\njudy,{department},Member\n"},
    }
    return bodies.get(route, {})


def query(route: str, ids: dict[str, Any]) -> str:
    on_workspace = f"kind=workspace&object={ids['workspace_id']}"
    return {
        "GET /api/rights/explanation": f"?{on_workspace}&person=alice&right=workspace.view",
        "GET /api/grants": f"?{on_workspace}",
        "DELETE /api/grants": f"?{on_workspace}&subject={ids['person_id']}",
        "GET /api/denials": f"?{on_workspace}",
    }.get(route, "")


def path(route: str, ids: dict[str, Any]) -> str:
    """Filled with ids; the department that is removed is the empty one."""
    removed = {"department_id": ids["spare_id"]} if route == f"DELETE /api/departments/{DEPARTMENT}" else {}
    found = route.partition(" ")[2]
    for name, value in (ids | removed).items():
        found = re.sub(rf"<(\w+:)?{name}>", str(value), found)
    return found + query(route, ids)


def send(client: Client, route: str, ids: dict[str, Any]) -> Any:  # noqa: ANN401
    method = route.partition(" ")[0]
    content = "" if method == "GET" else json.dumps(body(route, ids))
    return client.generic(method, path(route, ids), content, "application/json")


def of_nothing(ids: dict[str, Any]) -> dict[str, Any]:
    """The same about departments and objects that do not exist. People and roles are the whole company's."""
    kept = {"member_id", "role_id", "person_id", "uidb64", "token", "kind"}
    return {name: value if name in kept else uuid.uuid4() for name, value in ids.items()}
