"""Requests that are made to cost much or to break something: each is refused in the one error shape, and cheaply."""

import json
import tracemalloc
import uuid

import pytest
from django.test import Client

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
