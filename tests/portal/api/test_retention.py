"""Rules by the API, as managers use it, and a person's own export."""

import io
import json
import uuid
import zipfile
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.core.actor import system_actor
from portal.retention.models import Rule
from portal.retention.services.rules import set_rule
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.retention.aged import converse

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

RULES = "/api/retention/rules"


def put(client: Client, **body: object) -> "_MonkeyPatchedWSGIResponse":
    return client.put(RULES, json.dumps(body, default=str), "application/json")


def test_a_manager_sets_and_removes_rules(company: Company, client_of: ClientOf) -> None:
    erin, logistics = client_of(company, "erin"), company.departments["Logistics"]
    answer = put(erin, department=logistics.pk, days=30)
    assert (answer.status_code, answer.json()["days"]) == (200, 30)
    assert put(erin, department=logistics.pk, days=None).json()["days"] is None
    [listed] = erin.get(RULES).json()["items"]
    assert listed["department"] == str(logistics.pk)
    assert erin.delete(f"{RULES}/{listed['id']}").status_code == 204
    assert erin.delete(f"{RULES}/{listed['id']}").status_code == 404
    assert not Rule.objects.exists()


def test_places_elsewhere_are_missing(company: Company, client_of: ClientOf) -> None:
    erin = client_of(company, "erin")
    own, other = company.departments["Logistics"].pk, company.departments["Legal"].pk
    asked: list[dict[str, object]] = [
        {"department": other},
        {"workspace": company.workspace("Legal").pk},
        {"department": own, "workspace": company.workspace("Legal").pk},
        {"department": uuid.uuid4()},
    ]
    assert [put(erin, days=5, **place).status_code for place in asked] == [404] * 4
    assert put(erin, days=5).status_code == 403
    rule = set_rule(system_actor("test"), 30, department=company.departments["Legal"])
    assert erin.delete(f"{RULES}/{rule.pk}").status_code == 404
    assert Rule.objects.get().days == 30


@pytest.mark.parametrize(
    "body", [{"days": 0}, {"days": 40_000}, {"days": "x"}, {}, {"days": 5, "kind": "files"}, {"days": 5, "other": 1}]
)
def test_bad_rules_are_refused(company: Company, client_of: ClientOf, body: dict[str, object]) -> None:
    assert put(client_of(company, "dana"), **body).status_code == 400
    assert not Rule.objects.exists()


def test_a_rule_is_for_one_place(company: Company, client_of: ClientOf) -> None:
    both = {"department": company.departments["Legal"].pk, "workspace": company.workspace().pk}
    assert put(client_of(company, "dana"), days=5, **both).json()["error"]["code"] == "two_places"


def test_the_plan(company: Company, client_of: ClientOf) -> None:
    converse(company, days=40, count=2)
    set_rule(system_actor("test"), 30)
    found = client_of(company, "erin").get("/api/retention/plan").json()
    assert (found["delete"], [place["name"] for place in found["workspaces"]]) == (2, ["Logistics desk"])
    assert client_of(company, "alice").get("/api/retention/plan").json()["delete"] == 0


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")
def test_people_download_their_own_data(live_company: Company, client_of: ClientOf) -> None:
    live_company.asked("alice", "Where is container 7?")
    live_company.asked("bob", "Where is container 8?")
    answer = client_of(live_company, "alice").get("/api/me/export")
    assert answer["Content-Disposition"] == 'attachment; filename="my-data.zip"'
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer)))
    messages = archive.read("messages.jsonl")
    assert b"container 7" in messages
    assert b"container 8" not in messages
