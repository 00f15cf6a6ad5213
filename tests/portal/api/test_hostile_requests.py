"""Requests that are made to cost much or to break something: each is refused in the one error shape, and cheaply."""

import json
import tracemalloc
import uuid

import pytest
from django.conf import settings
from django.db import DataError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from portal.api.root import api
from portal.core.middleware import ErrorShapeMiddleware
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.test_asking import error_of, messages_path, post, stored

LONGEST_ANSWER = 4_000
"""Bytes of an answer that refuses."""
MOST_MEMORY = 12
"""Times the size of a body that refusing it may take."""


@pytest.fixture
def alice(company: Company, client_of: ClientOf) -> Client:
    return client_of(company, "alice")


MANY = {
    "attachments": json.dumps({"text": "x", "attachments": [0] * 500_000}),
    "unknown fields": json.dumps({"text": "x"} | {f"f{n}": 0 for n in range(100_000)}),
    "objects": '{"text": "x", "attachments": [' + "{}," * 400_000 + "0]}",
    "lists": '{"text": "x", "attachments": [' + "[]," * 400_000 + "0]}",
    "texts": '{"text": "x", "attachments": [' + '"",' * 400_000 + "0]}",
    "escaped quotes without an end": '"\\' + '"\\' * 500_000,
    "a few unknown fields": json.dumps({"text": "x"} | {f"f{n}": 0 for n in range(500)}),
    "a few bad attachments": json.dumps({"text": "x", "attachments": [0] * 500}),
    "too many attachments": json.dumps({"text": "x", "attachments": [str(uuid.uuid4())] * 21}),
    "a long name of a field": json.dumps({"text": "x", "y" * 1_000_000: 0}),
}


@pytest.mark.parametrize("kind", MANY)
def test_a_body_of_many_values_costs_little(kind: str, company: Company, alice: Client) -> None:
    path = messages_path(company.conversation())
    before = stored()
    tracemalloc.start()
    try:
        answer = post(alice, path, MANY[kind])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status_code, error_of(answer)) == (400, "invalid")
    assert len(answer.content) < LONGEST_ANSWER
    assert most < 4_000_000 + MOST_MEMORY * len(MANY[kind])
    assert stored() == before


def test_the_problems_that_are_not_listed_are_counted(company: Company, alice: Client) -> None:
    body = {"text": "x"} | {f"f{n}": 0 for n in range(25)}
    details = post(alice, messages_path(company.conversation()), body).json()["error"]["details"]
    assert (len(details["problems"]), details["more"]) == (10, 15)


def test_a_long_question_may_hold_any_signs(company: Company, alice: Client) -> None:
    answer = post(alice, messages_path(company.conversation()), {"text": '{["\\,' * 100_000})
    assert answer.status_code == 202


MULTIPART = {
    "without a boundary": ("multipart/form-data", b"x"),
    "of nothing": ("multipart/form-data", b""),
    "well-formed": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nHello\r\n--x--\r\n',
    ),
    "with bad base64": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n',
    ),
    "a form": ("application/x-www-form-urlencoded", b"text=Hello"),
    "text": ("text/plain", b'{"text": "Hello"}'),
    "of no type": ("", b'{"text": "Hello"}'),
}


@pytest.mark.parametrize("kind", MULTIPART)
@pytest.mark.parametrize("checked", [True, False], ids=["with CSRF check", "without"])
def test_what_is_not_json_is_refused_by_its_type(
    kind: str, checked: bool, company: Company, client_of: ClientOf
) -> None:
    content_type, body = MULTIPART[kind]
    asked = company.asked()
    client = client_of(company, "alice", enforce_csrf_checks=checked)
    before = stored()
    paths = [messages_path(asked.conversation), f"/api/runs/{asked.run.pk}/cancel"]
    for path in paths if body else paths[:1]:
        answer = client.generic("POST", path, body, CONTENT_TYPE=content_type)
        assert (answer.status_code, error_of(answer)) == (415, "unsupported_type")
    assert stored() == before


@pytest.mark.parametrize(
    "kind", ["", "application/json", "application/octet-stream", "application/x-www-form-urlencoded"]
)
def test_an_act_without_a_body_needs_no_type(kind: str, company: Company, alice: Client) -> None:
    """Programs name whatever their library names for an empty body."""
    assert alice.generic("POST", f"/api/runs/{company.asked().run.pk}/cancel", b"", kind).status_code == 202


NO_SESSIONS = [
    r'"\000aaaaaaaaaaaaaaa"',
    r'"aaaaaaaaaa\000"',
    "a" * 31,
    "a" * 33,
    "A" * 32,
    r'"\355\240\200aaaaaaaa"',
    "é" * 32,
]


@pytest.mark.parametrize("key", NO_SESSIONS)
@pytest.mark.parametrize("path", ["/api/me", "/", "/sign-in/", "/console/"])
def test_what_cannot_be_a_session_key_is_no_session(path: str, key: str, company: Company, client_of: ClientOf) -> None:
    client = client_of(company)
    answer = client.get(path, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"})
    assert answer.status_code == {"/api/me": 401, "/sign-in/": 200}.get(path, 302)


def test_a_value_that_the_database_cannot_hold_is_the_callers_mistake(rf: RequestFactory) -> None:
    """The console's filters hand values over as they come."""
    middleware = ErrorShapeMiddleware(lambda request: HttpResponse())
    for request in (rf.get("/console/runs/run/"), rf.get("/api/me")):
        answer = middleware.process_exception(request, DataError("NUL"))
        assert answer is not None
        assert answer.status_code == 400
    assert api.on_exception(rf.get("/api/me"), DataError("NUL")).status_code == 400


def test_more_fields_than_django_reads_are_refused(company: Company, alice: Client) -> None:
    answer = alice.get("/api/conversations?" + "&".join(["workspace=x"] * 1_001))
    assert (answer.status_code, error_of(answer)) == (400, "invalid")


@pytest.mark.parametrize("path", ["/api/me", "/api/conversations/{run}", "/api/runs/{run}/events"])
def test_a_method_that_is_not_taken_has_the_same_shape(path: str, company: Company, alice: Client) -> None:
    answer = alice.generic("PUT", path.format(run=company.asked().run.pk), b"{}", "application/json")
    assert (answer.status_code, error_of(answer)) == (405, "method_not_allowed")
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize("path", ["//api/me", "/api//me", "///api/", "/v1/models"])
def test_programs_that_miss_an_address_are_answered_as_programs(path: str, alice: Client) -> None:
    answer = alice.get("/", PATH_INFO=path)
    assert (answer.status_code, error_of(answer)) == (404, "not_found")


@pytest.mark.parametrize("address", ["zz", "", "127.0.0.1:80", "10.0.0.1"])
def test_metrics_are_not_for_addresses_that_are_none(address: str, db: None, client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404


def test_nothing_but_static_files_is_kept_by_caches(company: Company, client_of: ClientOf) -> None:
    alice, nobody = client_of(company, "alice"), client_of(company)
    workspace = company.workspace().pk
    mine = ["/api/me", "/api/nothing", "/", f"/w/{workspace}/conversations/", "/sign-out/", "/nothing"]
    answers = [alice.get(path) for path in mine] + [nobody.get(path) for path in ("/sign-in/", "/api/me", "/")]
    answers.append(alice.put("/api/me"))
    for answer in answers:
        assert "no-store" in answer["Cache-Control"], answer
