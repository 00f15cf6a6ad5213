"""Seals under a changed secret key, and rows from before there were seals."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from portal.audit.models import Entry
from portal.audit.verify import verify_chain
from tests.portal.audit.conftest import act
from tests.portal.audit.forgeries import REHASH, execute, run, triggers_off

migration: Any = import_module("portal.audit.migrations.0003_seal")


def problems() -> set[str]:
    return {finding.problem for finding in verify_chain().findings}


@pytest.fixture
def older(committed: None, heads: object) -> None:
    """Five rows from before there were seals."""
    for number in range(5):
        act(number)
    with transaction.atomic(), triggers_off():
        execute("UPDATE audit_entry SET seal = ''")
        run(REHASH)


def test_an_old_key_still_checks_what_it_signed(chain: list[Entry]) -> None:
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="a new key for tests, of enough characters", SECRET_KEY_FALLBACKS=[old]):
        act()
        assert verify_chain().intact
    with override_settings(SECRET_KEY="a new key for tests, of enough characters"):
        assert all("is signed with an unknown key" in problem for problem in problems())
        assert len(verify_chain().findings) == len(chain) + 4


def test_the_database_cannot_make_a_seal(chain: list[Entry]) -> None:
    with transaction.atomic(), triggers_off():
        execute("UPDATE audit_entry SET seal = left(md5(seal), 8) || '.' || md5(body) || md5(body) WHERE seq = 17")
    assert [finding.seq for finding in verify_chain().findings if "unknown key" in finding.problem] == [17]


def test_older_rows_are_vouched_for(older: None) -> None:
    with transaction.atomic():
        migration.vouch_for_older_rows(apps, connection.schema_editor())
    act()
    assert verify_chain().intact
    assert Entry.objects.get(action="audit.seal").seq == 6


def test_older_rows_that_nothing_vouches_for_are_found(older: None) -> None:
    assert problems() == {"this row and those before it have no seal, and no sealed row names it"}
    act()
    assert problems() == {"this row and those before it have no seal, and no sealed row names it"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET body = replace(body, 'actor 1', 'actor 2'), actor_name = 'actor 2' WHERE seq = 2",
        "DELETE FROM audit_entry WHERE seq = 3",
        "UPDATE audit_entry SET seal = '' WHERE seq = 7",
        "UPDATE audit_entry SET seal = '' WHERE seq <= 6",
        "DELETE FROM audit_entry WHERE seq = 6",
    ],
)
def test_older_rows_cannot_be_changed_afterwards(older: None, statement: str) -> None:
    """Even where nothing was noted outside the database."""
    with transaction.atomic():
        migration.vouch_for_older_rows(apps, connection.schema_editor())
    act()
    assert verify_chain().intact
    with transaction.atomic(), triggers_off():
        execute(statement)
        run(REHASH)
    assert problems()


def test_a_new_journal_needs_no_mark(committed: None) -> None:
    with transaction.atomic():
        migration.vouch_for_older_rows(apps, connection.schema_editor())
    assert not Entry.objects.exists()
