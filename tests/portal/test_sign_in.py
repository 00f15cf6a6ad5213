"""Signing in by name and password, and who is turned away with which words."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from appliance.settings.env import BadSetting, Environment
from portal.accounts import limits
from portal.audit.models import Entry
from tests.conftest import ClientOf
from tests.people import Company

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


HERE, ELSEWHERE = "10.0.0.1", "10.0.0.2"


def sign_in(client: Client, name: str, password: str, address: str = HERE, **headers: str) -> "Answer":
    body = {"login": name, "password": password}
    return client.post("/sign-in/", body, REMOTE_ADDR=address, headers=headers)


def sign_ins() -> list[tuple[str, str, str]]:
    entries = Entry.objects.filter(action="session.sign_in").order_by("at")
    return list(entries.values_list("outcome", "reason", "actor_name"))


def test_the_right_password_opens(company: Company, client_of: ClientOf) -> None:
    client = client_of(company)
    assert sign_in(client, "alice", "password of alice").status_code == 302
    assert client.get("/").status_code == 200
    assert sign_ins() == [("allowed", "password", "alice")]


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [("alice", "password of bob", "wrong password"), ("nobody", "password of bob", "unknown person")],
)
def test_a_refusal_does_not_tell_whether_the_person_exists(
    name: str, password: str, reason: str, company: Company, client_of: ClientOf
) -> None:
    answer = sign_in(client_of(company), name, password)
    assert answer.status_code == 200
    assert "The name or the password is not right." in answer.content.decode()
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


TOO_MANY = "Too many wrong passwords"


def test_nobody_locks_out_a_colleague(company: Company, client_of: ClientOf) -> None:
    attacker = client_of(company)
    for _ in range(20):
        refused = sign_in(attacker, "alice", "guess")
    assert TOO_MANY in refused.content.decode()
    assert TOO_MANY in sign_in(attacker, "alice", "password of alice").content.decode()
    assert sign_in(client_of(company), "alice", "password of alice", ELSEWHERE).status_code == 302


@pytest.mark.parametrize("change", [str.upper, lambda name: f" {name} ", lambda name: name.replace("i", "ı")])
def test_a_name_is_counted_however_it_is_written(
    change: Callable[[str], str], company: Company, client_of: ClientOf
) -> None:
    client = client_of(company)
    for _ in range(5):
        assert TOO_MANY not in sign_in(client, "alice", "guess").content.decode()
    assert TOO_MANY in sign_in(client, change("alice"), "guess").content.decode()


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "10.9.9.{}"}, {"Host": "localhost:800{}"}])
def test_what_a_client_says_of_itself_begins_no_new_count(
    headers: dict[str, str], company: Company, client_of: ClientOf
) -> None:
    for number in range(6):
        said = {name: value.format(number) for name, value in headers.items()}
        answer = sign_in(client_of(company), "alice", "guess", **said)
    assert TOO_MANY in answer.content.decode()


def test_a_name_has_a_bound_over_all_addresses(
    company: Company, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = (limits.wrong_passwords()[0], ("name", "8/300s/key"))
    monkeypatch.setattr(limits, "wrong_passwords", lambda: both)
    for number in range(8):
        assert TOO_MANY not in sign_in(client_of(company), "alice", "guess", f"10.1.0.{number}").content.decode()
    assert TOO_MANY in sign_in(client_of(company), "alice", "password of alice", ELSEWHERE).content.decode()
    assert sign_in(client_of(company), "bob", "password of bob", ELSEWHERE).status_code == 302


def test_the_right_password_is_not_counted(company: Company, client_of: ClientOf) -> None:
    for _ in range(12):
        assert sign_in(client_of(company), "alice", "password of alice").status_code == 302


def test_what_the_limits_refuse_is_in_the_journal(company: Company, client_of: ClientOf) -> None:
    client = client_of(company)
    for _ in range(6):
        sign_in(client, "alice", "guess")
    assert sign_ins()[4:] == [("denied", "wrong password", "anonymous"), ("denied", "too many attempts", "anonymous")]
    last = Entry.objects.filter(action="session.sign_in").latest("at")
    assert last.object_id == str(company.people["alice"].pk)


def test_a_flood_of_sign_ins_is_in_the_journal_once(
    company: Company, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ACCOUNT_RATE_LIMITS", {"login": "2/m/ip"})
    client = client_of(company)
    answers = [sign_in(client, "nobody", "guess") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429, 429]
    assert "Wait a minute" in answers[-1].content.decode()
    assert [reason for _, reason, _ in sign_ins()] == ["unknown person", "unknown person", "too many attempts"]


def test_only_named_proxies_are_believed() -> None:
    read = Environment({"ALL": "*", "SOME": "127.0.0.1, 10.0.0.0/8", "WRONG": "nginx"}).proxies
    assert [read("ALL"), read("SOME"), read("NONE")] == [["*"], ["127.0.0.1/32", "10.0.0.0/8"], []]
    with pytest.raises(BadSetting, match="WRONG"):
        read("WRONG")
