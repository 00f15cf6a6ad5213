"""The interface speaks the language that a person chose, or else that of the browser."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.core.languages import compile_catalogues
from tests.conftest import ClientOf
from tests.people import Company

GERMAN = "de-AT,de;q=0.8,en;q=0.5"


@pytest.fixture(scope="module", autouse=True)
def catalogues() -> None:
    compile_catalogues(settings.CATALOGUES, Path(settings.LOCALE_PATHS[0]))


def language_of(client: Client, accepted: str = "en") -> str:
    page = client.get("/settings/", headers={"Accept-Language": accepted}).content.decode()
    return page.split('<html lang="')[1].split('"')[0]


def choose(client: Client, language: str) -> int:
    return client.patch("/api/me", {"language": language}, content_type="application/json").status_code


def test_without_a_choice_the_browser_decides(company: Company, client_of: ClientOf) -> None:
    alice = client_of(company, "alice")
    assert (language_of(alice), language_of(alice, GERMAN)) == ("en", "de")
    assert language_of(alice, "tlh") == "en"
    assert 'lang="de"' in client_of(company).get("/sign-in/", headers={"Accept-Language": GERMAN}).content.decode()


def test_a_choice_wins_everywhere_and_can_be_given_back(company: Company, client_of: ClientOf) -> None:
    alice, elsewhere = client_of(company, "alice"), client_of(company, "alice")
    assert choose(alice, "de") == 200
    assert language_of(elsewhere, "en") == "de"
    assert alice.get("/api/me").json()["language"] == "de"
    assert language_of(client_of(company, "bob")) == "en"
    assert choose(alice, "") == 200
    assert language_of(alice) == "en"
    rows = Entry.objects.filter(action="profile.change", object_id=str(company.people["alice"].pk))
    assert [json.loads(row.body)["details"] for row in rows.order_by("at")] == [{"language": "de"}, {"language": ""}]


@pytest.mark.parametrize("language", ["tlh", "de; DROP TABLE", "x" * 17, "../de"])
def test_a_language_that_is_not_spoken_is_refused(company: Company, client_of: ClientOf, language: str) -> None:
    assert choose(client_of(company, "alice"), language) in {400, 422}
    assert User.objects.get(username="alice").language == ""


def test_a_language_that_went_away_gives_way_to_the_browser(company: Company, client_of: ClientOf) -> None:
    User.objects.filter(username="alice").update(language="tlh")
    assert language_of(client_of(company, "alice"), GERMAN) == "de"


def test_catalogues_are_compiled_once(tmp_path: Path) -> None:
    source = tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Yes"\nmsgstr "Ja"\n')
    target = tmp_path / "compiled"
    assert compile_catalogues(tmp_path / "locale", target) == 1
    assert b"Ja" in (target / "de" / "LC_MESSAGES" / "django.mo").read_bytes()
    assert compile_catalogues(tmp_path / "locale", target) == 0
    source.write_text(source.read_text().replace("Ja", "Jawohl"))
    assert compile_catalogues(tmp_path / "locale", target) == 1


@pytest.mark.parametrize("code", [code for code, _ in settings.LANGUAGES])
def test_every_language_is_spoken(company: Company, client_of: ClientOf, code: str) -> None:
    """With its own words and in its own direction."""
    page = client_of(company, "alice").get("/settings/", headers={"Accept-Language": code}).content.decode()
    with translation.override(code):
        title = gettext("Your settings")
    assert f"<h1>{title}</h1>" in page
    assert (title == "Your settings") == (code == "en")
    assert ('dir="rtl"' in page.split(">")[1]) == (code == "ar")
