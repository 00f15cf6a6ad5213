"""Mass assignment: no field of any model changes anything where an operation does not declare it."""

import functools
import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import Client

from portal.api.root import api
from portal.chat.sharing.services import share_with
from portal.departments.models import Department, Workspace
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.administration_requests import ROWS, body, furnish, path
from tests.portal.stored_rows import ids_stored, stored
from tests.portal.test_matrix import MATRIX, PEOPLE, Place, content_of, media_type, place_of

WRITES = [route for route in (*ROWS, *MATRIX) if not route.startswith("GET ")]
# A piece of a file has no fields.
WITH_FIELDS = [route for route in WRITES if media_type(route) == "application/json"]


def hostile_fields() -> dict[str, object]:
    """Every column of every model, with a value that somebody would wish for."""
    found: dict[str, object] = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            wish: object = "administrator"
            if isinstance(field, models.BooleanField):
                wish = True
            elif isinstance(field, models.IntegerField):
                wish = 2_000_000
            found[field.name] = found[getattr(field, "attname", field.name)] = wish
    return found


@pytest.fixture
def place(company: Company) -> Place:
    """With something to take back, besides what the matrix has."""
    found = place_of(company)
    with transaction.atomic():
        share_with(company.actor("alice"), uuid.UUID(str(found.conversation_id)), company.people["bob"].pk, "read")
    return found


@pytest.fixture
def ids(company: Company, place: Place) -> dict[str, Any]:
    return furnish(company)


@pytest.fixture
def whoever(company: Company, client_of: ClientOf) -> Callable[[str], Client]:
    """One whose request is accepted."""
    rows = MATRIX | ROWS

    def client(route: str) -> Client:
        accepted = (name for name, status in zip(PEOPLE, rows[route], strict=False) if status < 300)
        column = next(accepted, "owner")
        return client_of(company, PEOPLE[column])

    return client


def request_of(route: str, ids: dict[str, Any], place: Place) -> tuple[str, dict[str, Any]]:
    if route in ROWS:
        return path(route, ids), body(route, ids)
    content = place.body(route)
    if route.endswith("/move"):
        # The matrix's own is where it is already.
        department = Department.objects.get(pk=str(place.department_id))
        content = {"workspace": str(Workspace.objects.create(department=department, name="Another desk").pk)}
    return place.path(route), content


def attempt(client: Client, route: str, address: str, content: Any) -> tuple[int, Any, dict[str, list[str]]]:  # noqa: ANN401
    """Status, answer and what is stored afterwards; undone again."""
    known = ids_stored()
    with transaction.atomic():
        answer = client.generic(route.partition(" ")[0], address, *content_of(route, content))
        after = stored(known)
        transaction.set_rollback(True)
    return answer.status_code, answer.json() if answer.content else None, after


@functools.cache
def description() -> dict[str, Any]:
    described: dict[str, Any] = api.get_openapi_schema()
    return described


def operation(route: str) -> dict[str, Any]:
    """By the API's own description."""
    method, _, address = route.partition(" ")
    found = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)
    described: dict[str, Any] = description()["paths"][found][method.lower()]
    return described


def body_fields(route: str) -> set[str]:
    """Empty for an operation that takes no body, or a form: of a form only what is declared is read."""
    if "application/json" not in operation(route).get("requestBody", {}).get("content", {}):
        return set()
    named = operation(route)["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return set(description()["components"]["schemas"][named]["properties"])


def form_fields(route: str) -> set[str]:
    content = operation(route).get("requestBody", {}).get("content", {})
    return set(content.get("multipart/form-data", {}).get("schema", {}).get("properties", ()))


def test_a_form_declares_its_fields() -> None:
    assert form_fields("POST /api/files") == {"file", "workspace"}


def test_there_are_fields_to_wish_for() -> None:
    assert {"platform_role", "is_superuser", "path", "owner_id", "reserved", "key"} <= hostile_fields().keys()
    assert len(WRITES) > 20


@pytest.mark.parametrize("route", WITH_FIELDS)
def test_a_body_holds_declared_fields_only(
    route: str, ids: dict[str, Any], place: Place, whoever: Callable[[str], Client]
) -> None:
    address, content = request_of(route, ids, place)
    client, before = whoever(route), stored(ids_stored())
    plain = attempt(client, route, address, content)
    assert plain[0] < 300, plain[1]
    schema = body_fields(route)
    declared = schema | form_fields(route)
    extra = {name: wish for name, wish in hostile_fields().items() if name not in declared}
    status, answer, after = attempt(client, route, address, {**content, **extra})
    if not schema:
        assert (status, after) == (plain[0], plain[2])
        return
    details = answer["error"]["details"]
    assert (status, after) == (400, before)
    # Each of them is refused, not only some.
    assert len(details["problems"]) + details["more"] == len(extra)


@pytest.mark.parametrize("route", WRITES)
def test_the_address_holds_declared_parameters_only(
    route: str, ids: dict[str, Any], place: Place, whoever: Callable[[str], Client]
) -> None:
    address, content = request_of(route, ids, place)
    client = whoever(route)
    declared = {parameter["name"] for parameter in operation(route).get("parameters", ())}
    extra = urlencode({name: wish for name, wish in hostile_fields().items() if name not in declared})
    plain = attempt(client, route, address, content)
    wished = attempt(client, route, address + ("&" if "?" in address else "?") + extra, content)
    assert (wished[0], wished[2]) == (plain[0], plain[2])


@pytest.mark.parametrize("route", ["POST /api/grants", "POST /api/denials"])
def test_a_subject_holds_declared_fields_only(
    route: str, ids: dict[str, Any], place: Place, whoever: Callable[[str], Client]
) -> None:
    address, content = request_of(route, ids, place)
    client, before = whoever(route), stored(ids_stored())
    extra = {name: wish for name, wish in hostile_fields().items() if name not in {"person", "role", "department"}}
    content = {**content, "subject": {**content["subject"], **extra}}
    status, _, after = attempt(client, route, address, content)
    assert (status, after) == (400, before)
