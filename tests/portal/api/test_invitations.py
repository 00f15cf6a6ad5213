"""Invitations: a link that opens once, for somebody who has no password yet, and for nobody's gain."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts import limits
from portal.accounts.choices import PlatformRole
from portal.accounts.invitations import InvitationTokens, accept_invitation, issue_invitation
from portal.accounts.models import User
from portal.accounts.services import change_person
from portal.audit.models import Entry
from portal.core.errors import NotFound
from portal.departments.builtin import builtin_role
from portal.departments.choices import RoleKey
from portal.departments.grants import give
from portal.departments.services.invitations import invite_with_link
from tests.conftest import ClientOf
from tests.people import Company, join
from tests.portal.api.requests_of import Caller

As = Callable[[str], Caller]
PASSWORD = "long enough to be good"


@pytest.fixture
def as_(company: Company, client_of: ClientOf) -> As:
    return lambda name: Caller(client_of(company, name))


@pytest.fixture
def link(company: Company, as_: As) -> str:
    return invite(company, as_("erin"))


def invite(company: Company, caller: Caller, name: str = "ivy") -> str:
    body = {"username": name, "first_name": "Ivy", "email": "ivy@example.com", "role": member()}
    made = caller.post(f"/departments/{company.departments['Logistics'].pk}/invitations", body)
    assert made.status == 201, made
    return str(made.body["link"]).removeprefix("http://testserver")


def member() -> str:
    return str(builtin_role(RoleKey.MEMBER).pk)


def ivy() -> User:
    return User.objects.get(username="ivy")


def choose(client: Client, link: str, password: str = PASSWORD, again: str | None = None) -> Any:  # noqa: ANN401
    """Follows the link as a browser does; the token is out of the address before the form is shown."""
    opened = client.get(link)
    if opened.status_code != 302:
        return opened
    assert "set-password" in opened["Location"]
    body = {"new_password1": password, "new_password2": password if again is None else again}
    return client.post(opened["Location"], body)


def test_an_invited_person_chooses_a_password_and_signs_in(company: Company, link: str, client: Client) -> None:
    done = choose(client, link)
    assert (done.status_code, done["Location"]) == (302, "/sign-in/?chosen")
    signed_in = client.post("/sign-in/", {"login": "ivy", "password": PASSWORD})
    assert signed_in.status_code == 302
    names = {item["name"] for item in client.get("/api/workspaces").json()["items"]}
    assert names == {"Logistics desk"}
    acts = Entry.objects.filter(action__startswith="invitation.").order_by("at").values_list("action", "actor_name")
    # To open the page is an act of its own.
    assert list(acts) == [
        ("invitation.issue", "erin"),
        ("invitation.accept", "anonymous"),
        ("invitation.accept", "ivy"),
    ]
    assert not any(part in str(list(Entry.objects.values())) for part in link.strip("/").split("/")[1:])


def test_a_link_opens_once(link: str, client: Client) -> None:
    assert choose(client, link).status_code == 302
    again = choose(Client(), link, "another password, as long")
    assert again.status_code == 404
    assert "This link does not open" in again.content.decode()
    assert ivy().check_password(PASSWORD)


def test_of_two_tabs_one_wins(link: str) -> None:
    first, second = Client(), Client()
    forms = [client.get(link)["Location"] for client in (first, second)]
    bodies = [{"new_password1": text, "new_password2": text} for text in (PASSWORD, "another password, as long")]
    assert first.post(forms[0], bodies[0]).status_code == 302
    assert second.post(forms[1], bodies[1]).status_code == 404
    assert ivy().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [("short", None, "too short"), ("ivy@example.com", None, "too similar"), (PASSWORD, "x", "match")],
)
def test_a_weak_password_is_refused(password: str, again: str | None, says: str, link: str, client: Client) -> None:
    refused = choose(client, link, password, again)
    assert refused.status_code == 200
    assert says in refused.content.decode()
    assert not ivy().has_usable_password()
    # The form is still there.
    assert choose(client, link).status_code == 302


def test_a_link_ends_after_three_days(link: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def later(**span: int) -> None:
        moment = datetime.datetime.now() + datetime.timedelta(**span)  # noqa: DTZ005  # as Django's
        monkeypatch.setattr(InvitationTokens, "_now", lambda self: moment)

    later(days=2, hours=23)
    assert client.get(link).status_code == 302
    later(days=3, minutes=1)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("broken", ["/invitation/x/y/", "/invitation/AAAA/abc-def/", "/invitation/%00/set-password/"])
def test_what_is_no_link_opens_nothing(broken: str, company: Company, client: Client) -> None:
    assert client.get(broken).status_code == 404
    assert client.post(broken, {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 404


def test_a_link_of_another_person_opens_nothing(company: Company, as_: As, link: str, client: Client) -> None:
    other = invite(company, as_("erin"), "jack")
    _, _, uid, _, _ = link.split("/")
    _, _, _, token, _ = other.split("/")
    assert client.get(f"/invitation/{uid}/{token}/").status_code == 404


def test_a_newer_link_ends_the_older(company: Company, as_: As, link: str, client: Client) -> None:
    newer = as_("erin").post(f"/people/{ivy().pk}/invitation")
    assert newer.status == 201
    assert client.get(link).status_code == 404
    assert choose(client, newer.body["link"].removeprefix("http://testserver")).status_code == 302
    taken = as_("erin").post(f"/people/{ivy().pk}/invitation")
    assert (taken.status, taken.code) == (409, "password_set")


def test_a_suspended_persons_link_opens_nothing(company: Company, as_: As, link: str, client: Client) -> None:
    User.objects.filter(username="ivy").update(is_active=False)
    assert client.get(link).status_code == 404
    assert as_("erin").post(f"/people/{ivy().pk}/invitation").code == "suspended"


def test_whoever_has_a_password_gets_no_link(company: Company) -> None:
    person = company.people["alice"]
    uid = issue_for_nobody(company)
    with pytest.raises(NotFound):
        accept_invitation(person.pk, uid, PASSWORD)
    assert person.has_usable_password()


def issue_for_nobody(company: Company) -> str:
    """A token that was made while the person had no password."""
    person = company.people["alice"]
    password = person.password
    User.objects.filter(pk=person.pk).update(password="!none")
    token = issue_invitation(company.actor("dana"), person).token
    User.objects.filter(pk=person.pk).update(password=password)
    return token


def renewals(company: Company, as_: As) -> dict[str, int]:
    return {name: as_(name).post(f"/people/{ivy().pk}/invitation").status for name in ("erin", "dana", "alice")}


def test_a_new_link_is_for_those_who_could_give_all_that_the_person_has(company: Company, as_: As, link: str) -> None:
    assert renewals(company, as_) == {"erin": 201, "dana": 201, "alice": 403}
    # In another department too: erin does not manage that one.
    elsewhere = join(ivy(), company.departments["Legal"])
    assert renewals(company, as_) == {"erin": 404, "dana": 201, "alice": 403}
    elsewhere.delete()
    give(company.actor("dana"), ivy(), company.workspace("Legal"), ["workspace.view"])
    assert renewals(company, as_)["erin"] in {403, 404}
    assert Entry.objects.filter(action="invitation.issue", actor_name="erin", outcome="allowed").count() == 2


def test_a_person_with_a_platform_role_is_not_taken_over(company: Company, as_: As, link: str) -> None:
    User.objects.filter(username="ivy").update(platform_role=PlatformRole.AUDITOR)
    assert renewals(company, as_) == {"erin": 403, "dana": 201, "alice": 403}


def test_invitations_ask_for_sound_fields(company: Company, as_: As) -> None:
    path = f"/departments/{company.departments['Logistics'].pk}/invitations"
    erin = as_("erin")
    assert erin.post(path, {"username": "alice", "role": member()}).code == "invalid_person"
    assert erin.post(path, {"username": "a b", "role": member()}).code == "invalid_person"
    assert erin.post(path, {"username": "jo", "email": "no", "role": member()}).code == "invalid_person"
    assert erin.post(path, {"username": "jo", "platform_role": "administrator", "role": member()}).code == "invalid"
    assert erin.post(path, {"username": "jo\0", "role": member()}).status == 400
    assert not User.objects.filter(username__startswith="jo").exists()


def test_many_tries_are_refused(link: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INVITATIONS", "3/m/ip")
    statuses = [client.get("/invitation/x/y/").status_code for _ in range(5)]
    assert statuses == [404, 404, 404, 429, 429]


def test_a_link_from_before_a_platform_role_was_given_ends(company: Company) -> None:
    """The manager who made it has it, and could not give that role."""
    person, link = invite_with_link(
        company.actor("erin"), {"username": "newcomer"}, company.departments["Logistics"], builtin_role(RoleKey.MEMBER)
    )
    change_person(company.actor("dana"), person, {"platform_role": PlatformRole.ADMINISTRATOR})
    with pytest.raises(NotFound):
        accept_invitation(person.pk, link.token, "a long word of many 123")
