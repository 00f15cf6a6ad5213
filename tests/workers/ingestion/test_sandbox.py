"""The walls around the child process, each tried from inside."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT
from workers.ingestion.reader import closed_environment, readable_folders
from workers.ingestion.sandbox import bubblewrap


def probed(tmp_path: Path, *before: str) -> dict[str, list[str]]:
    secret = tmp_path / "secret"
    secret.write_text("key")
    tmp_path.chmod(0o777)
    argv = [*before, sys.executable, "-P", "-s", "-m", "tests.workers.ingestion.probe", str(secret), str(tmp_path)]
    done = subprocess.run(
        [*argv, "1" if before else "0"], env=closed_environment(), cwd="/", capture_output=True, text=True, check=True
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_nothing_is_possible_behind_the_walls(tmp_path: Path) -> None:
    """On a machine whose kernel lacks a wall the answer names it; all else must hold there too."""
    found = probed(tmp_path)
    assert found["possible"] == []
    assert found["missing"] == []


@pytest.mark.skipif(not bubblewrap.prefix(readable_folders()), reason="bubblewrap is not installed, or may not work")
def test_nothing_is_possible_inside_bubblewrap(tmp_path: Path) -> None:
    path = ["--ro-bind", str(ROOT / "tests"), str(ROOT / "tests")]
    for name, value in closed_environment().items():
        path += ["--setenv", name, value]
    assert probed(tmp_path, *bubblewrap.prefix(readable_folders()), *path)["possible"] in ([], ["list the root"])


def test_the_environment_holds_nothing_of_ours() -> None:
    os.environ["APPLIANCE_CANARY"] = "secret"
    try:
        assert "secret" not in closed_environment().values()
        assert not any(name.startswith("APPLIANCE") for name in closed_environment())
    finally:
        del os.environ["APPLIANCE_CANARY"]
