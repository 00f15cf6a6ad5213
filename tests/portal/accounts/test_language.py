"""The interface speaks the language that a person chose, or else that of the browser."""

import asyncio
import json
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from portal.accounts.language import language_of_socket
from portal.accounts.models import User
from portal.audit.models import Entry
from portal.chat.fitting import TooLong
from portal.core.errors import Invalid
from portal.core.languages import compile_catalogues
from portal.core.threads import in_database_thread
from tests.conftest import ClientOf
from tests.people import Company

GERMAN = "de-AT,de;q=0.8,en;q=0.5"


@pytest.fixture(scope="module", autouse=True)
def catalogues() -> None:
    compile_catalogues(settings.CATALOGUES, Path(settings.LOCALE_PATHS[0]))


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """The requests of a test leave their language to its thread, and so to the tests that follow."""
    with translation.override(translation.get_language()):
        yield


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


def test_a_plural_without_translation_is_english(tmp_path: Path) -> None:
    source = tmp_path / "locale" / "ja" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n'
    source.write_text(f'{head}\nmsgid "1 file"\nmsgid_plural "%(n)s files"\nmsgstr[0] ""\n')
    compile_catalogues(tmp_path / "locale", tmp_path / "compiled")
    made = tmp_path / "compiled" / "ja" / "LC_MESSAGES" / "django.mo"
    with made.open("rb") as file:
        assert GNUTranslations(file).ngettext("1 file", "%(n)s files", 3) == "%(n)s files"


def test_an_error_is_worded_when_it_is_raised() -> None:
    """In the language of then and there, whatever the default of its class was read in."""
    english = "This is longer than the model can read at once. Choose what to do."
    assert TooLong().message == english
    with translation.override("de"):
        german = TooLong().message
    assert german != english
    assert Invalid(gettext_lazy("Your settings")).body()["error"]["message"] == "Your settings"


def test_the_threads_of_the_database_speak_as_their_caller() -> None:
    async def asked() -> str:
        with translation.override("de"):
            return await in_database_thread(gettext, "Your settings")

    with translation.override("de"):
        assert asyncio.run(asked()) == gettext("Your settings") != "Your settings"


def test_a_socket_speaks_like_a_page(company: Company) -> None:
    alice = company.actor("alice")
    assert [language_of_socket(alice, accepted) for accepted in (GERMAN, "", "tlh")] == ["de", "en", "en"]
    User.objects.filter(username="alice").update(language="fr")
    assert language_of_socket(alice, GERMAN) == "fr"


@pytest.mark.parametrize("code", [code for code, _ in settings.LANGUAGES])
def test_every_language_is_spoken(company: Company, client_of: ClientOf, code: str) -> None:
    """With its own words and in its own direction."""
    page = client_of(company, "alice").get("/settings/", headers={"Accept-Language": code}).content.decode()
    with translation.override(code):
        title = gettext("Your settings")
    assert f"<h1>{title}</h1>" in page
    assert (title == "Your settings") == (code == "en")
    assert ('dir="rtl"' in page.split(">")[1]) == (code == "ar")
