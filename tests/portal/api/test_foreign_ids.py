"""Every id of a manager's request, in the address and in the body, replaced by one of a department that is not his."""

import json
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.denials import deny
from portal.departments.grants import give
from portal.departments.models import Department, Membership, WorkspaceDenial
from portal.departments.services.memberships import invite_person
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.administration_requests import ROWS, body, furnish, path
from tests.portal.stored_rows import ids_stored, stored

ROUTES = [route for route, row in ROWS.items() if row[4] < 300]


def furnish_legal(company: Company) -> dict[str, Any]:
    """The same things as in ``furnish``, in Legal."""
    dana, legal, workspace = company.actor("dana"), company.departments["Legal"], company.workspace("Legal")
    legal.refresh_from_db()
    spare = Department.objects.add_child(legal, instance=Department(name="Archive"))
    liv = invite_person(dana, {"username": "liv"}, legal, builtin_role(RoleKey.MEMBER))
    give(dana, liv, workspace, ["workspace.view"])
    deny(dana, company.people["alice"], workspace, ["message.ask"])
    return {
        "workspace_id": workspace.pk,
        "department_id": legal.pk,
        "spare_id": spare.pk,
        "membership_id": Membership.objects.get(person=company.people["charlie"], department=legal).pk,
        "person_id": liv.pk,
        "denial_id": WorkspaceDenial.objects.get(content_object=workspace).pk,
    }


def attempt(client: Client, route: str, address: str, content: str) -> tuple[int, str, dict[str, list[str]]]:
    with transaction.atomic():
        answer = client.generic(route.partition(" ")[0], address, content, "application/json")
        after = stored(ids_stored())
        transaction.set_rollback(True)
    return answer.status_code, answer.content.decode(), after


def replacements(text: str, old: str, new: str) -> list[str]:
    """The text with one occurrence replaced, for each of them."""
    parts = text.split(old)
    return [old.join(parts[:n]) + new + old.join(parts[n:]) for n in range(1, len(parts))]


@pytest.mark.parametrize("route", ROUTES)
def test_a_foreign_id_is_answered_like_a_missing_one(route: str, company: Company, client_of: ClientOf) -> None:
    ids = furnish(company)
    foreign = furnish_legal(company)
    erin = client_of(company, "erin")
    request = f"{path(route, ids)}\n{json.dumps(body(route, ids))}"
    before = stored(ids_stored())
    for name, other in foreign.items():
        mine, missing = str(ids[name]), str(uuid.uuid4())
        of_foreign, of_missing = replacements(request, mine, str(other)), replacements(request, mine, missing)
        for swapped, absent in zip(of_foreign, of_missing, strict=True):
            answers = []
            for text, value in ((swapped, str(other)), (absent, missing)):
                address, _, content = text.partition("\n")
                status, shown, after = attempt(erin, route, address, content)
                answers.append((status, shown.replace(value, "ID"), after))
            assert answers[0] == answers[1], (route, name)
            assert answers[0][0] in {403, 404} or (answers[0][0] == 400 and "import_refused" in answers[0][1])
            assert answers[0][2] == before


def test_the_walk_replaces_something() -> None:
    assert replacements("a1b1", "1", "2") == ["a2b1", "a1b2"]
    assert len(ROUTES) > 20
