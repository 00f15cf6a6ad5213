"""`manage.py settings`: the way in for an administrator whom a setting has locked out."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.configuration import live
from portal.configuration.models import Version
from portal.configuration.registry import REGISTRY
from tests.people import Company
from tests.portal.configuration.conftest import Put, journal


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("settings", *arguments, stdout=out)
    return out.getvalue()


def test_show(live_company: Company, put: Put) -> None:
    put(session_length=3600)
    lines = run("show").splitlines()
    assert [line.split(" = ")[0] for line in lines] == list(REGISTRY)
    assert f"session_length = 1 h  (version {Version.objects.get().pk}, dana)" in lines
    assert "run_attempts = 3  (default)" in lines
    assert "12 h (default) -> 1 h  dana" in run("show", "session_length")


def test_set_and_revert(live_company: Company, put: Put) -> None:
    (first,) = put(wrong_passwords=50)
    assert "wrong_passwords" in run("set", "wrong_passwords=5", "session_length=8 h", "--note", "locked out")
    assert (live.whole_number("wrong_passwords"), live.seconds("session_length")) == (5, 28800)
    run("set", "session_length")
    assert live.seconds("session_length") == 43200
    run("revert", str(first.pk))
    assert live.whole_number("wrong_passwords") == 50
    assert run("revert", str(first.pk)) == "nothing to change\n"
    assert {version.changed_by_name for version in Version.objects.all()} == {"dana", "settings command"}
    assert len(journal()) == Version.objects.count() == 5


@pytest.mark.parametrize(
    "arguments",
    [
        ["set", "run_attempts=11"],
        ["set", "run_attempts=5", "unknown=1"],
        ["set", "session_length=12 x"],
        ["revert", "999999"],
        ["show", "unknown"],
    ],
)
def test_refusals_say_why(live_company: Company, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"\.$"):
        run(*arguments)
    assert Version.objects.count() == 0
