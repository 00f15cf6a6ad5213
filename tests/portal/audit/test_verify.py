"""Whatever is done to the rows behind the journal's back is found, and an untouched journal is never accused."""

import random
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from portal.audit.checkpoints import Checkpoints
from portal.audit.models import Entry
from portal.audit.verify import Report, verify_as_seen, verify_chain
from tests.portal.audit import forgeries
from tests.portal.audit.broken_guards import BROKEN_GUARDS, SWALLOW
from tests.portal.audit.forgeries import KINDS, execute, run, triggers_off, undone

MUTATIONS = 1000
SEED = 20_261_123


def verified() -> Report:
    return verify_as_seen(Checkpoints(settings.AUDIT_HEADS))


def problems(report: Report) -> list[str]:
    return [finding.problem for finding in report.findings]


def test_every_mutation_is_found(chain: list[Entry]) -> None:
    chance = random.Random(SEED)
    missed = []
    with undone():
        with triggers_off():
            pass
        assert verified().intact
    for number in range(MUTATIONS):
        kind = KINDS[number % len(KINDS)]
        with undone():
            if kind is forgeries.break_a_guard:
                kind(chance, chain)
            else:
                with triggers_off():
                    kind(chance, chain)
            if verified().intact:
                missed.append((number, kind.__name__))
    assert missed == []
    assert verify_chain().intact


@pytest.mark.parametrize("statements", BROKEN_GUARDS)
def test_every_broken_guard_is_found(chain: list[Entry], statements: str) -> None:
    with undone():
        run(statements)
        report = verified()
    assert report.findings
    assert {finding.seq for finding in report.findings} == {0}
    assert verify_chain().intact


def test_a_guard_is_named(chain: list[Entry]) -> None:
    with undone():
        run("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_chain")
        run(SWALLOW)
        assert problems(verified()) == [
            "the trigger audit_entry_chain is disabled",
            "audit_entry has a foreign trigger, swallow",
        ]


def test_the_verifier_names_the_row(chain: list[Entry]) -> None:
    with undone():
        with triggers_off():
            execute("UPDATE audit_entry SET actor_name = 'nobody' WHERE seq = 17")
        report = verified()
    assert [(finding.seq, finding.problem) for finding in report.findings] == [
        (17, "the columns do not match the body")
    ]


def test_a_rewritten_row_fails_its_seal_even_where_nothing_was_noted(chain: list[Entry], heads: Path) -> None:
    heads.unlink()
    with undone():
        with triggers_off():
            execute("UPDATE audit_entry SET actor_name = 'nobody', body = replace(body, 'actor 1', 'nobody')")
            run(forgeries.REHASH)
        assert "the body does not match its signature" in problems(verified())


def test_the_command_says_that_all_is_well(chain: list[Entry], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit", "verify")
    assert f"intact, {len(chain)} rows" in capsys.readouterr().out


def test_the_command_fails_where_a_row_was_changed(chain: list[Entry], capsys: pytest.CaptureFixture[str]) -> None:
    with triggers_off():
        execute("DELETE FROM audit_entry WHERE seq = 40")
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify")
    assert ended.value.code == 1
    assert "NOT intact" in capsys.readouterr().err


def test_an_empty_journal_is_intact(committed: None) -> None:
    assert verify_chain().intact


def test_without_a_command_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("audit")
    assert ended.value.code == 2
    assert "verify" in capsys.readouterr().out
