"""Signing in by name and password, and who is turned away with which words."""

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from portal.audit.models import Entry
from tests.conftest import ClientOf
from tests.people import Company

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def sign_in(client: Client, name: str, password: str) -> "Answer":
    return client.post("/sign-in/", {"login": name, "password": password})


def sign_ins() -> list[tuple[str, str, str]]:
    entries = Entry.objects.filter(action="session.sign_in").order_by("at")
    return list(entries.values_list("outcome", "reason", "actor_name"))


def test_the_right_password_opens(company: Company, client_of: ClientOf) -> None:
    client = client_of(company)
    assert sign_in(client, "alice", "password of alice").status_code == 302
    assert client.get("/").status_code == 200
    assert sign_ins() == [("allowed", "", "alice")]


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [("alice", "password of bob", "wrong password"), ("nobody", "password of bob", "unknown person")],
)
def test_a_refusal_does_not_tell_whether_the_person_exists(
    name: str, password: str, reason: str, company: Company, client_of: ClientOf
) -> None:
    answer = sign_in(client_of(company), name, password)
    assert answer.status_code == 200
    assert "The username and/or password you specified are not correct." in answer.content.decode()
    assert sign_ins() == [("denied", reason, "anonymous")]


def test_a_suspended_person_sees_why(company: Company, client_of: ClientOf) -> None:
    client = client_of(company)
    answer = sign_in(client, "grace", "password of grace")
    assert answer.status_code == 403
    assert "Your account is suspended" in answer.content.decode()
    assert client.get("/").status_code == 302
    assert sign_ins() == [("denied", "suspended", "anonymous")]


def test_a_suspended_person_with_a_wrong_password_sees_nothing_of_it(company: Company, client_of: ClientOf) -> None:
    answer = sign_in(client_of(company), "grace", "password of alice")
    assert answer.status_code == 200
    assert "suspended" not in answer.content.decode()
