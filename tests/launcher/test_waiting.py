"""After a minute of waiting the log that matters is named."""

from pathlib import Path

import pytest

from launcher.options import Options
from launcher.waiting import Waiting


def said_of(options: Options, waiting_for: tuple[str, ...]) -> list[str]:
    said: list[str] = []
    waiting = Waiting(options, said.append)
    waiting.tell(waiting_for)
    return said


@pytest.mark.parametrize(
    ("waiting_for", "log"),
    [
        (("portal",), "logs/portal.log"),
        (("worker (no worker has reported yet)", "engine (not set up yet)"), "logs/worker.log"),
        (("engine (starting)",), "engine/engine.log"),
        (("database (OperationalError)",), "logs/postgres.log"),
    ],
)
def test_the_log_that_matters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting_for: tuple[str, ...], log: str
) -> None:
    (tmp_path / log).parent.mkdir()
    (tmp_path / log).write_text("first\nno model file\n")
    assert said_of(Options(tmp_path, tmp_path), waiting_for) == []
    monkeypatch.setattr("launcher.waiting.LONG", -1.0)
    line = f"Its log is {tmp_path / log}, which ends with: no model file"
    assert said_of(Options(tmp_path, tmp_path), waiting_for) == [line]


def test_a_given_engine_has_no_log_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launcher.waiting.LONG", -1.0)
    said = said_of(Options(tmp_path, tmp_path, engine_url="http://127.0.0.1:1"), ("engine (stopped)",))
    assert said == [f"Its log is {tmp_path}/logs/worker.log, which ends with: (nothing)"]
