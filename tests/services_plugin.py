"""The database and the broker of the tests: real ones, started before Django reads its settings.

Addresses given by ``APPLIANCE_DATABASE_URL`` and ``APPLIANCE_REDIS_URL`` are used instead. Loaded by ``-p`` in
pyproject.toml, since a conftest would come too late.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from launcher.services import RunningService, start_postgres, start_redis

ON_THEIR_OWN = ("tests/workers/engine", "tests/launcher", "tests/contract")
"""Tests that need no services, or start their own; a run of only these starts none."""


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None, object, object]:
    os.environ.setdefault("APPLIANCE_SECRET_KEY", "a key for tests only, of enough characters to be one")
    os.environ.setdefault("APPLIANCE_LOG_LEVEL", "WARNING")
    # Read once when the settings load; tests that need the interface's own folder make it.
    if "APPLIANCE_DATA" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="appliance-tests-"))
        early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        os.environ["APPLIANCE_DATA"] = str(folder)
    if needs_services(args):
        data = Path(os.environ["APPLIANCE_DATA"])
        start(early_config, "APPLIANCE_DATABASE_URL", start_postgres, data)
        start(early_config, "APPLIANCE_REDIS_URL", start_redis, data)
    return (yield)


def needs_services(args: list[str]) -> bool:
    if {"--help", "-h", "--version", "-V", "--fixtures", "--markers", "--collect-only", "--co"} & set(args):
        return False
    paths = [argument.split("::")[0] for argument in args if not argument.startswith("-")]
    tests = [path for path in paths if Path(path).exists()]
    return not tests or not all(Path(path).as_posix().removeprefix("./").startswith(ON_THEIR_OWN) for path in tests)


def start(config: pytest.Config, variable: str, starter: Callable[..., RunningService], data: Path) -> None:
    if os.environ.get(variable):
        return
    service = starter(data, durable=False)
    config.add_cleanup(service.stop)
    os.environ[variable] = service.url
