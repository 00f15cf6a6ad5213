"""Copies of the checkpoints' lines: what is cut off both the database and the file beside it still shows."""

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings

from portal.audit.checkpoints import ChangedFile
from portal.audit.heads_copy import copy_lines
from portal.audit.models import Entry
from portal.audit.services import begin_checkpoints, note_head
from portal.audit.standing import standing
from portal.audit.verify import verify_chain
from tests.portal.audit.conftest import ACTOR, act
from tests.portal.audit.forgeries import REHASH, execute, run, triggers_off


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "elsewhere" / "heads"
    with override_settings(AUDIT_HEADS_SECOND=path):
        yield path


def problems(*copies: Path) -> list[str]:
    return [finding.problem for finding in verify_chain(copies=copies).findings]


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """As if the disk were full beyond so many bytes of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def truncate(seq: int) -> None:
    with transaction.atomic(), triggers_off():
        execute("DELETE FROM audit_entry WHERE seq > %s", seq)
        run(REHASH)


def test_every_line_goes_to_the_second_file(second: Path, chain: list[Entry], heads: Path) -> None:
    assert second.read_bytes() == heads.read_bytes()
    assert second.stat().st_mode & 0o777 == 0o600
    act()
    note_head(ACTOR)
    note_head(ACTOR)
    assert second.read_bytes() == heads.read_bytes()
    assert verify_chain().intact
    assert standing().noted_seq == 41
    assert standing().noted_at is not None


def test_a_second_file_that_was_away_catches_up(second: Path, chain: list[Entry], heads: Path) -> None:
    lines = heads.read_bytes().splitlines(keepends=True)
    second.write_bytes(b"".join(lines[:2]) + lines[2][:20])
    act()
    note_head(ACTOR)
    assert second.read_bytes() == heads.read_bytes()


def test_truncating_database_and_file_shows(second: Path, chain: list[Entry], heads: Path) -> None:
    lines = heads.read_bytes().splitlines(keepends=True)
    truncate(22)
    heads.write_bytes(b"".join(lines[:2]))
    with override_settings(AUDIT_HEADS_SECOND=None):
        assert problems() == []
        assert problems(second) == [
            f"{second}: the journal ends here, but had 40 rows at {lines[-1].split()[2].decode()}",
            f"{heads} ends at row 22, its copy {second} at row 40",
        ]
    assert len(problems()) == 2
    error = io.StringIO()
    with pytest.raises(SystemExit), override_settings(AUDIT_HEADS_SECOND=None):
        call_command("audit", "verify", "--heads", str(second), stderr=error)
    assert "its copy" in error.getvalue()


def test_cutting_the_file_alone_shows(second: Path, chain: list[Entry], heads: Path) -> None:
    lines = heads.read_bytes().splitlines(keepends=True)
    heads.write_bytes(b"".join(lines[:2]))
    assert problems() == [f"{heads} ends at row 22, its copy {second} at row 40"]


def test_a_copy_that_is_gone_or_changed_shows(second: Path, chain: list[Entry], heads: Path, tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere") == [f"{tmp_path / 'nowhere'} is missing, or holds no checkpoint"]
    lines = second.read_bytes().splitlines(keepends=True)
    second.write_bytes(b"".join([lines[0], lines[1].replace(b"a", b"b"), *lines[2:]]))
    assert any(problem.startswith(f"{second}: checkpoint 2 ") for problem in problems())
    second.write_bytes(b"nonsense\n")
    assert any("checkpoint 1 cannot be read" in problem for problem in problems())
    act()
    with pytest.raises(ChangedFile):
        note_head(ACTOR)
    with pytest.raises(CommandError):
        call_command("audit", "verify", "--heads", str(tmp_path))


def test_a_copy_holds_files_begun_one_after_another(second: Path, chain: list[Entry], heads: Path) -> None:
    heads.unlink()
    act()
    begin_checkpoints(ACTOR)
    act()
    note_head(ACTOR)
    assert len(second.read_text().splitlines()) == 6
    assert len(heads.read_text().splitlines()) == 2
    assert verify_chain().intact


def test_a_full_disk_is_said(second: Path, chain: list[Entry], heads: Path) -> None:
    size = heads.stat().st_size
    second.unlink()
    with file_limit(size - 20), pytest.raises(OSError, match="a part of its lines"):
        copy_lines(heads, second)
    assert second.stat().st_size == size - 20
    copy_lines(heads, second)
    assert second.read_bytes() == heads.read_bytes()
    act()
    with file_limit(size + 20), pytest.raises(OSError, match="space"):
        note_head(ACTOR)
    note_head(ACTOR)
    assert verify_chain().intact


def test_a_line_that_is_longer_than_any_is_not_built_upon(chain: list[Entry], heads: Path) -> None:
    heads.write_bytes(heads.read_bytes() + b"x" * 2_000)
    with pytest.raises(ChangedFile):
        note_head(ACTOR)
    heads.write_bytes(b"nonsense\n")
    with pytest.raises(ChangedFile):
        note_head(ACTOR)


def test_nothing_to_copy_is_no_problem(second: Path, heads: Path) -> None:
    copy_lines(heads, second)
    assert second.read_bytes() == b""
