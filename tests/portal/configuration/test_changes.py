"""Changing settings: who may, what is kept, what is refused, and the way back."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from portal.audit.verify import verify_chain
from portal.configuration import live
from portal.configuration.models import Version
from portal.configuration.registry import REGISTRY
from portal.configuration.selectors import current_settings, difference, history, newest_version
from portal.configuration.services import change, preview, revert
from portal.core.actor import ANONYMOUS, Actor, system_actor
from portal.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound, TooLarge
from tests.people import Company
from tests.portal.configuration.conftest import Put, journal


def stored() -> list[tuple[str, object]]:
    return list(Version.objects.order_by("pk").values_list("setting", "value"))


def test_a_change_is_a_version_with_an_act(dana: Actor) -> None:
    first, second = change(dana, {"run_attempts": 5, "notice": "Soon."}, "asked for by IT")
    assert stored() == [("run_attempts", 5), ("notice", "Soon.")]
    assert (first.changed_by_id, first.changed_by_name, first.note) == (dana.id, "dana", "asked for by IT")
    assert journal() == [
        ("allowed", "run_attempts", {"old": None, "new": 5, "version": first.pk}),
        ("allowed", "notice", {"old": None, "new": "Soon.", "version": second.pk}),
    ]
    assert (live.whole_number("run_attempts"), live.text("notice")) == (5, "Soon.")
    assert verify_chain().intact


@pytest.mark.parametrize("name", ["alice", "erin", "frank", "grace", None])
def test_nobody_else_may(live_company: Company, put: Put, name: str | None) -> None:
    (version,) = put(notice="Soon.")
    actor = live_company.actor(name) if name else ANONYMOUS
    for attempt in (
        lambda: change(actor, {"notice": "Mine."}),
        lambda: preview(actor, {"notice": "Mine."}),
        lambda: revert(actor, version.pk),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert stored() == [("notice", "Soon.")]
    assert (current_settings(actor), history(actor), difference(actor, 0, version.pk)) == ([], [], [])
    assert newest_version(actor) == 0


def test_the_command_may(live_company: Company) -> None:
    change(system_actor("settings command"), {"run_attempts": 4})
    assert Version.objects.get().changed_by_name == "settings command"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"run_attempts": 5, "notice": "two\nlines"}, "notice"),
        ({"run_attempts": 11}, "run_attempts"),
        ({"run_attempts": 5, "SECRET_KEY": "x"}, "SECRET_KEY"),
        ({}, "values"),
    ],
)
def test_all_or_none(dana: Actor, values: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        change(dana, values)
    assert refusal.value.details["field"] == field
    assert (stored(), journal()) == ([], [])
    assert live.whole_number("run_attempts") == REGISTRY["run_attempts"].default


@pytest.mark.parametrize("note", ["x" * 301, "nul\0"])
def test_a_note_that_cannot_be_kept(dana: Actor, note: str) -> None:
    with pytest.raises((Invalid, TooLarge)):
        change(dana, {"run_attempts": 5}, note)
    assert stored() == []


def test_what_is_so_already_makes_no_version(put: Put) -> None:
    assert put(run_attempts=REGISTRY["run_attempts"].default) == []
    put(run_attempts=5)
    assert put(run_attempts=5) == []
    assert len(put(run_attempts=None)) == 1
    assert put(run_attempts=None) == []
    assert stored() == [("run_attempts", 5), ("run_attempts", None)]
    assert live.whole_number("run_attempts") == REGISTRY["run_attempts"].default


def test_without_the_journal_nothing_changes(dana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("portal.configuration.services.record_acts", refuse)
    with pytest.raises(DatabaseError):
        change(dana, {"run_attempts": 5})
    assert stored() == []
    assert live.whole_number("run_attempts") == REGISTRY["run_attempts"].default


def test_two_changes_at_once_are_one_and_a_conflict(dana: Actor, live_company: Company) -> None:
    live.known.value("notice")
    outcomes: list[object] = []
    together = threading.Barrier(2)

    def attempt(text: str) -> None:
        together.wait()
        try:
            outcomes.append(change(dana, {"notice": text}, based_on=0))
        except AppError as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(text,)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (refusal,) = (outcome for outcome in outcomes if isinstance(outcome, AppError))
    assert isinstance(refusal, Conflict)
    assert refusal.details == {"settings": ["notice"]}
    assert Version.objects.count() == len(journal()) == 1


def test_a_change_to_another_setting_is_no_conflict(dana: Actor, put: Put) -> None:
    put(notice="Soon.")
    change(dana, {"run_attempts": 5}, based_on=0)
    with pytest.raises(Conflict):
        preview(dana, {"run_attempts": 6}, based_on=0)
    with pytest.raises(Conflict):
        change(dana, {"notice": "Later.", "company_name": "Meridian"}, based_on=0)
    assert live.text("company_name") == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE configuration_version SET note = 'x'",
        "UPDATE configuration_version SET changed_by_name = 'bob' WHERE false OR true",
        "DELETE FROM configuration_version",
        "TRUNCATE configuration_version",
    ],
)
def test_versions_cannot_be_changed_or_taken_away(put: Put, statement: str) -> None:
    put(notice="Soon.")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert stored() == [("notice", "Soon.")]


def test_the_way_back(dana: Actor, put: Put) -> None:
    (first,) = put(notice="one")
    put(notice="two")
    written = revert(dana, first.pk, "it was better")
    assert written is not None
    assert (written.value, written.reverts, written.note) == ("one", first, "it was better")
    assert live.text("notice") == "one"
    assert journal()[-1][2] == {"old": "two", "new": "one", "version": written.pk, "reverts": first.pk}
    assert revert(dana, first.pk) is None
    (default,) = put(notice=None)
    put(notice="three")
    revert(dana, default.pk)
    assert live.text("notice") == ""


def test_what_cannot_be_brought_back(dana: Actor, put: Put) -> None:
    for number in (0, -1, 10**30, 999_999):
        with pytest.raises(NotFound):
            revert(dana, number)
    gone = Version.objects.create(setting="no_longer", value=1, changed_by_name="dana", at="2026-01-01T00:00Z")
    unfit = Version.objects.create(setting="run_attempts", value=99, changed_by_name="dana", at="2026-01-01T00:00Z")
    for version in (gone, unfit):
        with pytest.raises(Invalid):
            revert(dana, version.pk)
    (seen,) = put(notice="one")
    put(notice="two")
    with pytest.raises(Conflict):
        revert(dana, seen.pk, based_on=seen.pk)


def test_a_value_that_no_longer_fits_is_shown_and_not_used(dana: Actor, put: Put) -> None:
    """As after an upgrade that has narrowed a limit."""
    Version.objects.create(setting="run_attempts", value=99, changed_by_name="dana", at="2026-01-01T00:00Z")
    Version.objects.create(setting="notice_level", value="shrill", changed_by_name="dana", at="2026-01-01T00:00Z")
    live.known.refresh()
    assert live.whole_number("run_attempts") == REGISTRY["run_attempts"].default
    shown = {item.setting.name: item for item in current_settings(dana)}
    assert (shown["run_attempts"].stale, shown["notice_level"].stale) == ("99", "shrill")
    assert shown["run_attempts"].is_default
    assert shown["run_attempts"].value == REGISTRY["run_attempts"].default
    assert len(put(run_attempts=REGISTRY["run_attempts"].default)) == 1
    assert [item.stale for item in current_settings(dana) if item.setting.name == "run_attempts"] == [""]


def test_history_and_differences(dana: Actor, put: Put) -> None:
    (first,) = put(notice="one")
    put(run_attempts=5)
    (third,) = put(notice="two")
    (last,) = put(run_attempts=None)
    assert [(item.name, item.old, item.new) for item in history(dana)] == [
        ("run_attempts", "5", "3 (default)"),
        ("notice", "one", "two"),
        ("run_attempts", "3 (default)", "5"),
        ("notice", "(default)", "one"),
    ]
    assert [item.new for item in history(dana, "notice")] == ["two", "one"]
    assert [item.version for item in history(dana, before=third.pk, limit=1)] == [third.pk - 1]

    def between(a: int, b: int) -> list[tuple[str, str, str]]:
        return [(item.name, item.old, item.new) for item in difference(dana, a, b)]

    assert between(first.pk, third.pk) == [("notice", "one", "two"), ("run_attempts", "3 (default)", "5")]
    assert between(third.pk, first.pk) == [("notice", "two", "one"), ("run_attempts", "5", "3 (default)")]
    assert between(0, last.pk) == [("notice", "(default)", "two")]
    assert between(last.pk, last.pk) == []
    with pytest.raises(Invalid):
        difference(dana, 0, 999_999)
