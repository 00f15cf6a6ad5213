"""The first administrator is one, however many start at once."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal.accounts.choices import PlatformRole
from portal.accounts.models import User
from portal.audit.models import Entry
from portal.core.errors import Conflict
from tests.people import Company

PASSWORD = "long enough to be good"
AT_ONCE = 50


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPLIANCE_ADMINISTRATOR_PASSWORD", PASSWORD)


def administrators() -> list[str]:
    return list(User.objects.filter(platform_role=PlatformRole.ADMINISTRATOR).values_list("username", flat=True))


def make(username: str, **options: bool) -> str:
    out = io.StringIO()
    call_command("create_administrator", username=username, stdout=out, **options)
    return out.getvalue()


def test_the_first_one_is_made(db: None) -> None:
    assert make("root") == "root is a platform administrator.\n"
    assert User.objects.get(username="root").check_password(PASSWORD)
    assert Entry.objects.get(action="person.manage").actor_name == "create_administrator command"


def test_a_second_one_must_be_meant(company: Company) -> None:
    with pytest.raises(CommandError, match="administrator already"):
        make("root")
    assert administrators() == ["dana"]
    make("root", another=True)
    assert sorted(administrators()) == ["dana", "root"]


def test_the_password_is_read_from_the_input(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APPLIANCE_ADMINISTRATOR_PASSWORD")
    for given in ("", "short\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        with pytest.raises(CommandError, match="too short"):
            make("root")
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\r\n"))
    make("root")
    assert User.objects.get(username="root").check_password(PASSWORD)


def test_of_fifty_at_once_one_is_made(committed: None) -> None:
    def attempt(number: int) -> str:
        try:
            return make(f"root{number}")
        except CommandError as error:
            return type(error.__cause__).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        done = list(threads.map(attempt, range(AT_ONCE)))
    assert len(administrators()) == 1
    assert done.count(Conflict.__name__) == AT_ONCE - 1
    assert Entry.objects.filter(action="person.manage").count() == 1
