import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from portal.console.site import site
from portal.departments.grants import USE, give
from portal.retention.services.holds import place_hold
from portal.retention.services.rules import set_rule
from tests.conftest import ClientOf
from tests.people import Company
from tests.portal.chat.sealed import approved, asked

LISTS = (
    "accounts/user",
    "engines/engine",
    "runs/run",
    "chat/breakglass",
    "retention/rule",
    "retention/hold",
)
_LINK = re.compile(r'href="(/console/[^"#]*)"')


@pytest.fixture
def dana(company: Company, client_of: ClientOf) -> Client:
    """The platform administrator's client."""
    return client_of(company, "dana")


@pytest.fixture
def peopled(company: Company) -> Company:
    """With a run and a grant, so that every list of the console has a row."""
    company.asked("alice", "Where is the CANARY-IN-THE-QUESTION?")
    give(company.actor("dana"), company.people["charlie"], company.workspace("Finance"), USE)
    approved(company)
    asked(company)
    set_rule(company.actor("dana"), 30, workspace=company.workspace())
    place_hold(company.actor("dana"), company.workspace("Legal"), "A dispute")
    return company


def crawl(client: Client) -> Iterator[tuple[str, str]]:
    """(path, text) of every page of the console that links lead to."""
    pages = ("departments", "people", "workspaces", "roles", "why")
    waiting, seen = ["/console/", *(f"/console/{place}/" for place in (*LISTS, *pages))], set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        response = client.get(path, follow=True)
        assert response.status_code == 200, path
        text = response.content.decode()
        yield path, text
        waiting += [found for found in _LINK.findall(text) if "?" not in found]


def views() -> Iterator[URLPattern]:
    waiting: list[URLPattern | URLResolver] = list(site.get_urls())
    while waiting:
        pattern = waiting.pop()
        if isinstance(pattern, URLResolver):
            waiting += pattern.url_patterns
        else:
            yield pattern
