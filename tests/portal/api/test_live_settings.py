"""`/api/settings`: read, change with the version that was seen, and the history."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.audit.models import Entry
from portal.configuration.models import Version
from portal.configuration.registry import REGISTRY
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.api.test_asking import error_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@pytest.fixture
def dana(company: Company, client_of: ClientOf) -> Client:
    return client_of(company, "dana")


def patch(client: Client, **body: Any) -> "Answer":
    return client.patch("/api/settings", json.dumps(body), "application/json")


def test_every_setting_is_described(dana: Client) -> None:
    body = dana.get("/api/settings").json()
    assert (body["version"], body["next"]) == (0, None)
    assert [item["name"] for item in body["items"]] == list(REGISTRY)
    (item,) = (item for item in body["items"] if item["name"] == "session_length")
    assert (item["kind"], item["value"], item["default"], item["is_default"]) == ("duration", 43200, 43200, True)
    assert (item["limits"], item["version"], item["changed_by"]) == ("5 min to 30 d", 0, "")


def test_a_change_and_its_history(dana: Client) -> None:
    answer = patch(dana, version=0, values={"run_attempts": 5, "thinking_by_default": True}, note="a test")
    assert answer.status_code == 200
    found = {item["name"]: item for item in answer.json()["items"]}
    assert (found["run_attempts"]["value"], found["run_attempts"]["changed_by"]) == (5, "dana")
    assert found["thinking_by_default"]["value"] is True
    again = patch(dana, version=answer.json()["version"], values={"run_attempts": None})
    assert again.status_code == 200
    rows = dana.get("/api/settings/history?setting=run_attempts").json()["items"]
    assert [(row["old"], row["new"], row["note"]) for row in rows] == [
        ("5", "3 (default)", ""),
        ("3 (default)", "5", "a test"),
    ]
    assert len(dana.get("/api/settings/history").json()["items"]) == 3


def test_the_history_in_pages(dana: Client) -> None:
    for number in range(60):
        assert patch(dana, version=2**60, values={"notice": f"notice {number}"}).status_code == 200
    first = dana.get("/api/settings/history").json()
    second = dana.get(f"/api/settings/history?cursor={first['next']}").json()
    assert [len(first["items"]), len(second["items"]), second["next"]] == [50, 10, None]
    assert [row["new"] for row in [*first["items"], *second["items"]]] == [f"notice {n}" for n in range(59, -1, -1)]


def test_who_comes_too_late_is_told(dana: Client) -> None:
    patch(dana, version=0, values={"run_attempts": 5})
    answer = patch(dana, version=0, values={"run_attempts": 6})
    assert answer.status_code == 409
    assert answer.json()["error"]["details"] == {"settings": ["run_attempts"]}
    assert patch(dana, version=0, values={"notice": "Another setting."}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"values": {"run_attempts": 5}},
        {"version": -1, "values": {"run_attempts": 5}},
        {"version": 2**63, "values": {"run_attempts": 5}},
        {"version": 0},
        {"version": 0, "values": {}},
        {"version": 0, "values": {"run_attempts": "5"}},
        {"version": 0, "values": {"run_attempts": 5.0}},
        {"version": 0, "values": {"run_attempts": True}},
        {"version": 0, "values": {"thinking_by_default": 1}},
        {"version": 0, "values": {"notice": ["x"]}},
        {"version": 0, "values": {"SECRET_KEY": "x"}},
        {"version": 0, "values": {"run_attempts": 5}, "changed_by": "alice"},
        {"version": 0, "values": {"run_attempts": 5}, "note": "nul\0"},
    ],
)
def test_what_is_refused_leaves_nothing(dana: Client, body: dict[str, Any]) -> None:
    answer = patch(dana, **body)
    assert answer.status_code == 400
    assert error_of(answer)
    assert Version.objects.count() == 0
    assert not Entry.objects.filter(action="settings.change", outcome="allowed").exists()


@pytest.mark.parametrize("query", ["cursor=0", "cursor=-1", "cursor=x", f"cursor={2**63}"])
def test_places_that_are_none(dana: Client, query: str) -> None:
    assert dana.get(f"/api/settings/history?{query}").status_code == 400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from([*REGISTRY, "unknown", "\0"]), JSON, max_size=3))
def test_whatever_comes_is_taken_or_refused(dana: Client, values: dict[str, Any]) -> None:
    answer = patch(dana, version=2**62, values=values)
    assert answer.status_code in (200, 400), answer.content
    for name, value in values.items() if answer.status_code == 200 else ():
        assert value is None or REGISTRY[name].checked(value) == value


@pytest.mark.parametrize("name", ["alice", "erin", "frank"])
def test_others_find_nothing(company: Company, client_of: ClientOf, name: str) -> None:
    client = client_of(company, name)
    for answer in (
        client.get("/api/settings"),
        client.get("/api/settings/history"),
        patch(client, version=0, values={"run_attempts": 5}),
    ):
        assert (answer.status_code, error_of(answer)) == (404, "not_found")
    assert Version.objects.count() == 0
