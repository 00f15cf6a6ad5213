import re

import pytest
from django.test import Client

from portal.console.company.pages import company_urls
from portal.console.site import site
from portal.core.declare import declared_action
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.console.conftest import LISTS, crawl, views

RULES = "/console/retention/rule/"
"""Managers have it too."""
PLACES = ["/console/", *(f"/console/{place}/" for place in LISTS), "/console/accounts/user/add/", "/console/nowhere/"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("alice", "/console/"),
        *(("alice", path) for path in PLACES[1:]),
        *(("erin", path) for path in PLACES[1:] if path != RULES),
    ],
)
def test_others_find_nothing(company: Company, client_of: ClientOf, name: str, path: str) -> None:
    response = client_of(company, name).get(path)
    assert response.status_code == 404
    assert response.content == client_of(company, name).get("/there-is-no-such-page/").content


@pytest.mark.parametrize("path", [path for path in PLACES[1:] if "breakglass" not in path])
def test_an_auditor_finds_nothing_of_the_administration(company: Company, client_of: ClientOf, path: str) -> None:
    response = client_of(company, "frank").get(path)
    assert response.status_code == 404
    assert response.content == client_of(company, "frank").get("/there-is-no-such-page/").content


@pytest.mark.parametrize("path", PLACES)
def test_nobody_is_sent_to_the_sign_in_page(company: Company, client_of: ClientOf, path: str) -> None:
    response = client_of(company).get(path)
    assert response.status_code == 302
    assert response["Location"] == f"/sign-in/?next={path}"


def test_a_suspended_administrator_is_sent_away(company: Company, dana: Client) -> None:
    company.people["dana"].is_active = False
    company.people["dana"].save()
    assert dana.get("/console/").status_code == 302


def test_django_privileges_open_nothing(company: Company, client_of: ClientOf) -> None:
    alice = company.people["alice"]
    alice.is_staff = alice.is_superuser = True
    alice.save()
    assert client_of(company, "alice").get("/console/").status_code == 404


def test_administrators_need_no_django_privileges(company: Company, dana: Client) -> None:
    person = company.people["dana"]
    person.is_staff = person.is_superuser = False
    person.save()
    assert dana.get("/console/accounts/user/").status_code == 200


@pytest.mark.parametrize("path", ["/console/login/", "/console/password_change/", "/console/r/1/1/"])
def test_pages_of_the_framework_are_closed(dana: Client, path: str) -> None:
    assert dana.get(path).status_code == 404


def test_signing_out_ends_the_session(dana: Client) -> None:
    assert dana.post("/console/logout/")["Location"] == "/sign-in/"
    assert dana.get("/console/").status_code == 302


def test_every_view_declares_its_action() -> None:
    found = list(views())
    assert len(found) > 40
    for pattern in found:
        action = declared_action(pattern.callback)
        assert action is not None, pattern
        own = {"journal": "audit.view", "journal_entry": "audit.view", "journal_export": "audit.export"}
        # What the company's pages declare says what they do; tests/portal/test_matrix.py holds who gets them.
        if pattern.name not in {page.name for page in company_urls(site)}:
            assert action.name == own.get(pattern.name or "", "console.enter")


def test_the_policy_is_loosened_by_one_word(dana: Client) -> None:
    policy = dana.get("/console/")["Content-Security-Policy"]
    assert "'unsafe-eval'" in policy
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in dana.get("/")["Content-Security-Policy"]


def test_no_page_needs_inline_styles_or_scripts(peopled: Company, dana: Client) -> None:
    for path, text in crawl(dana):
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)(?![^>]*json)", text), path
