"""A disk that fills while the appliance runs: said in the promised line, and waited out."""

import errno
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from launcher.errors import DiskFullError
from launcher.ledger import Ledger
from launcher.process import Child, Command
from launcher.supervisor import Supervisor
from tests.launcher.conftest import eventually

Usage = namedtuple("Usage", "total used free")
FULL = Usage(2**40, 2**40, 2**20)


@pytest.fixture
def child(tmp_path: Path) -> Child:
    return Child(Command("worker", ["sleep", "60"], dict(os.environ)), tmp_path)


def no_space(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_child_without_room_for_its_entry_is_not_left_running(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ledger, "enter", no_space)
    with pytest.raises(DiskFullError, match=r"^The disk is full: worker cannot be started\. Free some space"):
        child.start()
    assert not child.alive


def test_a_restart_waits_for_room(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("launcher.supervisor.FIRST_PAUSE", 0.0)
    monkeypatch.setattr("launcher.supervisor.LONGEST_PAUSE", 0.0)
    supervisor = Supervisor(said.append)
    supervisor.watch(child)
    child.start()
    try:
        with monkeypatch.context() as full:
            full.setattr(shutil, "disk_usage", lambda path: FULL)
            child.kill()
            for _ in range(20):
                supervisor.look()
            assert said == ["The disk is full: worker waits for 32 MB. Free some space."]
            assert not child.alive

        def comes_back() -> bool:
            supervisor.look()
            return child.alive

        eventually(comes_back)
    finally:
        child.kill()


def test_a_log_on_a_full_disk_is_emptied(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launcher.process.LOG_LIMIT", 100)
    monkeypatch.setattr(Path, "write_bytes", no_space)
    child.log.parent.mkdir()
    child.log.write_text("x" * 200)
    child.bound_log()
    assert child.log.stat().st_size == 0
