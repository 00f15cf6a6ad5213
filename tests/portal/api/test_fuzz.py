"""Every operation of `/api` with generated requests, sound and broken ones, as five people.

What each answers is held against its own description: no 5xx, no status or shape that it does not declare, nothing for
anybody who is not signed in. `APPLIANCE_FUZZ_CASES` sets how many requests there are in all, and has other ones each
time.
"""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.api.root import api
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.administration_requests import furnish
from tests.portal.test_matrix import place_of

CASES = int(os.environ.get("APPLIANCE_FUZZ_CASES", "700"))
SAME_EACH_TIME = "APPLIANCE_FUZZ_CASES" not in os.environ
PEOPLE = (None, "charlie", "alice", "erin", "dana")
CSRF = "c" * 32
CHECKED = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def described() -> Any:  # noqa: ANN401
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(), default=str)))
    schema.app = get_wsgi_application()
    return schema


SCHEMA = described()
OPERATIONS = {item.ok().label: item.ok() for item in SCHEMA.get_all_operations()}
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture
def ids(company: Company) -> dict[str, Any]:
    """Of things that there are, by the names that operations call them."""
    place = place_of(company)
    found = furnish(company) | {
        "conversation_id": place.conversation_id,
        "message_id": place.answer_id,
        "run_id": place.run_id,
    }
    same = {"workspace": "workspace_id", "department": "department_id", "parent": "spare_id", "to": "spare_id"}
    same |= {"into": "department_id", "object": "workspace_id", "subject": "person_id", "role": "member_id"}
    named = found | {name: found[other] for name, other in same.items()}
    return {name: str(value) for name, value in named.items()} | {"person": "alice", "right": "workspace.view"}


@pytest.fixture
def cookies(company: Company, client_of: ClientOf) -> dict[str | None, dict[str, str]]:
    name = settings.SESSION_COOKIE_NAME
    keys = {person: client_of(company, person).cookies[name].value for person in PEOPLE if person}
    session = {person: {name: key} for person, key in keys.items()}
    return {person: {settings.CSRF_COOKIE_NAME: CSRF, **session.get(person or "", {})} for person in PEOPLE}


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The application's requests run in the test's transaction, whose connection they would close."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def make_real(case: Case[Any], ids: dict[str, str], chance: Callable[[], bool]) -> None:
    """Ids that are made up lead nowhere: most of them become those of something."""
    parts: list[Any] = [case.path_parameters, case.query, case.body]
    for part in parts:
        for name in part if isinstance(part, dict) else ():
            if name in ids and isinstance(part[name], str) and chance():
                part[name] = ids[name]
    if isinstance(case.body, dict) and isinstance(case.body.get("rights"), list) and chance():
        case.body["rights"] = ["workspace.view"]


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_answers_as_described(
    label: str, mode: GenerationMode, ids: dict[str, str], cookies: dict[str | None, dict[str, str]]
) -> None:
    if mode == GenerationMode.NEGATIVE and not takes_anything(label):
        pytest.skip("nothing can be wrong with a request that holds nothing")

    @hypothesis_settings(
        max_examples=max(1, CASES // (len(OPERATIONS) * len(MODES))),
        deadline=None,
        database=None,
        derandomize=SAME_EACH_TIME,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=OPERATIONS[label].as_strategy(generation_mode=mode),
        person=st.sampled_from(PEOPLE),
        chances=st.lists(st.sampled_from([True, True, True, False]), min_size=12, max_size=12),
    )
    def hold(case: Case[Any], person: str | None, chances: list[bool]) -> None:
        make_real(case, ids, lambda: bool(chances.pop()) if chances else True)
        with transaction.atomic():
            answer = case.call(cookies=cookies[person], headers={"X-CSRFToken": CSRF})
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKED)
        if person is None:
            # An address that no id can be read from is none.
            assert answer.status_code in {401, 404}, answer.content
            assert answer.status_code == 401 or not all(map(is_id, (case.path_parameters or {}).values()))

    hold()


def takes_anything(label: str) -> bool:
    method, _, address = label.partition(" ")
    operation = api.get_openapi_schema()["paths"][address][method.lower()]
    return bool(operation.get("parameters") or operation.get("requestBody"))


def is_id(value: object) -> bool:
    try:
        return str(uuid.UUID(str(value))) == str(value)
    except ValueError:
        return False


def test_every_operation_is_there() -> None:
    described_ones = {
        f"{method.upper()} {address}"
        for address, operations in api.get_openapi_schema()["paths"].items()
        for method in operations
    }
    assert set(OPERATIONS) == described_ones
    assert len(OPERATIONS) > 35
