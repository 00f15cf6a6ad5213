"""The file of checkpoints: what it holds, what it finds, and when it is not written."""

import threading
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from portal.audit.checkpoints import appending
from portal.audit.models import Entry, Head
from portal.audit.services import CannotNote, note_head
from portal.audit.verify import verify_chain
from portal.core.clock import now
from tests.portal.audit.conftest import ACTOR, act
from tests.portal.audit.forgeries import REHASH, execute, run, triggers_off
from workers.tasks.audit import checkpoint


def lines(heads: Path) -> list[str]:
    return heads.read_text().splitlines()


def problems() -> list[str]:
    return [finding.problem for finding in verify_chain().findings]


def truncate(seq: int) -> None:
    with transaction.atomic(), triggers_off():
        execute("DELETE FROM audit_entry WHERE seq > %s", seq)
        run(REHASH)


def test_the_head_is_noted_where_it_has_moved(committed: None, heads: Path) -> None:
    checkpoint()
    assert not heads.exists() or not lines(heads)
    act()
    checkpoint()
    assert [entry.action for entry in Entry.objects.order_by("seq")] == ["workspace.manage", "audit.begin"]
    checkpoint()
    checkpoint()
    first, second = (line.split() for line in lines(heads))
    assert [int(first[0]), first[1]] == list(Entry.objects.values_list("seq", "hash").get(seq=1))
    assert [int(second[0]), second[1]] == list(Head.objects.values_list("seq", "hash").get())
    assert heads.stat().st_mode & 0o777 == 0o600
    assert heads.parent.stat().st_mode & 0o777 == 0o700


def test_verifying_notes_the_head(committed: None, heads: Path) -> None:
    act()
    call_command("audit", "verify")
    call_command("audit", "verify")
    assert [line.split()[0] for line in lines(heads)] == ["2", "4"]
    assert verify_chain().checkpoints == 2


def test_a_journal_that_was_tampered_with_is_not_noted(chain: list[Entry], heads: Path) -> None:
    act()
    before = lines(heads)
    with triggers_off():
        execute("UPDATE audit_entry SET actor_name = 'nobody' WHERE seq = 17")
    with pytest.raises(SystemExit):
        call_command("audit", "verify")
    assert lines(heads) == before


def test_a_journal_that_goes_back_is_found_and_not_noted(chain: list[Entry], heads: Path) -> None:
    before = lines(heads)
    truncate(20)
    with pytest.raises(CannotNote, match="went back behind row 40"):
        note_head(ACTOR)
    checkpoint()
    assert lines(heads) == before
    assert any(problem.startswith("the journal ends here, but had 40 rows") for problem in problems())


def test_a_journal_that_grew_again_is_found(chain: list[Entry]) -> None:
    """Rows of the same number, all properly sealed and chained, are still not those that were noted."""
    truncate(20)
    for number in range(30):
        act(number)
    assert all(problem.startswith("is not the row that was noted at") for problem in problems())
    assert [finding.seq for finding in verify_chain().findings] == [22, 32, 40]


def test_a_missing_file_is_found_and_not_made_again(chain: list[Entry], heads: Path) -> None:
    heads.unlink()
    checkpoint()
    assert not heads.exists()
    assert problems() == [f"checkpoints were begun here, and {heads} is missing"]
    heads.write_text("")
    assert len(problems()) == 1
    with pytest.raises(CannotNote):
        note_head(ACTOR)


def test_a_lost_file_is_begun_again_by_hand(chain: list[Entry], heads: Path) -> None:
    with pytest.raises(CommandError, match="already"):
        call_command("audit", "begin")
    heads.unlink()
    call_command("audit", "begin")
    checkpoint()
    assert verify_chain().intact
    assert Entry.objects.filter(action="audit.begin", outcome="allowed").count() == 2
    assert [line.split()[0] for line in lines(heads)] == ["41", "42"]


def test_a_journal_that_nobody_notes_is_found(committed: None) -> None:
    act()
    assert verify_chain().intact
    with mock.patch("portal.audit.verify.now", return_value=now() + timedelta(hours=2)):
        assert len(problems()) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda found: [found[0].replace("11 ", "10 ", 1), *found[1:]],
        lambda found: [found[0], found[2], found[1], *found[3:]],
        lambda found: found[1:],
        lambda found: [found[0], *found[2:]],
        lambda found: [*found, found[-1]],
        lambda found: ["nonsense", *found],
        lambda found: [*found[:-1], found[-1][:-1] + ("0" if found[-1][-1] != "0" else "1")],
    ],
)
def test_a_changed_file_is_found(chain: list[Entry], heads: Path, change: object) -> None:
    assert callable(change)
    heads.write_text("".join(f"{line}\n" for line in change(lines(heads))))
    assert problems()
    assert all(problem.startswith("checkpoint ") for problem in problems())


def test_a_signed_line_that_goes_back_is_found(chain: list[Entry], heads: Path) -> None:
    """Somebody who has the key notes the journal of yesterday once more."""
    earlier = chain[10]
    with appending(heads) as pen:
        pen.append(earlier.seq or 0, earlier.hash)
    assert problems()
    assert problems()[0] == f"checkpoint {len(lines(heads))} is out of order"


def test_a_torn_line_is_taken_away(chain: list[Entry], heads: Path) -> None:
    whole = lines(heads)
    heads.write_text(heads.read_text() + "41 0123")
    assert verify_chain().intact
    act()
    checkpoint()
    assert lines(heads)[: len(whole)] == whole
    assert len(lines(heads)) == len(whole) + 1
    assert verify_chain().intact


def test_rows_and_checkpoints_written_meanwhile_accuse_nobody(committed: None, heads: Path) -> None:
    act()
    checkpoint()
    stop = threading.Event()

    def write() -> None:
        try:
            while not stop.is_set():
                act()
                note_head(ACTOR)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    reports = [verify_chain() for _ in range(20)]
    stop.set()
    for writer in writers:
        writer.join()
    assert [report.findings for report in reports] == [()] * 20
    assert verify_chain().intact
