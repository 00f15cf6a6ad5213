"""The launcher from outside: its lines, its children, its end, and what it finds after it was killed."""

import os
import signal
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from launcher.ledger import Ledger, running
from tests.launcher.conftest import LaunchedProcess, eventually

READY = "Stop with Ctrl-C"
Launch = Callable[..., LaunchedProcess]


def child_pid(data: Path, name: str) -> int:
    entry = Ledger(data).read(name)
    assert entry is not None
    assert entry.alive
    return entry.pid


def engine_pid(data: Path) -> int:
    return int((data / "engine-pid").read_text())


def every_pid(data: Path) -> list[int]:
    return [*(child_pid(data, name) for name in Ledger(data).names()), engine_pid(data)]


def database_url(data: Path) -> str:
    return f"postgresql://appliance@/appliance?host={data / 'run' / 'postgresql'}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_runs_until_it_is_asked_to_stop(launch: Launch, port: str, number: signal.Signals) -> None:
    appliance = launch(PORT=port)
    appliance.read_until(READY)
    assert f"http://127.0.0.1:{port}" in appliance.output
    assert "alice  a-password" in appliance.output
    assert Ledger(appliance.data).names() == ["portal", "postgres", "redis", "timetable", "worker"]
    pids = every_pid(appliance.data)
    assert appliance.stop(number) == 0
    assert not [pid for pid in pids if running(pid)]
    assert Ledger(appliance.data).names() == []


def test_stops_its_children_when_its_terminal_is_gone(launch: Launch, port: str) -> None:
    appliance = launch(PORT=port)
    appliance.read_until(READY)
    pids = every_pid(appliance.data)
    assert appliance.process.stdout is not None
    appliance.process.stdout.close()
    appliance.process.send_signal(signal.SIGHUP)
    appliance.process.wait(60)
    assert not [pid for pid in pids if running(pid)]


def test_second_request_to_stop_ends_the_children_at_once(launch: Launch, port: str) -> None:
    appliance = launch(PORT=port, STAND_IN_WORKER="deaf")
    appliance.read_until(READY)
    pids = every_pid(appliance.data)
    appliance.process.send_signal(signal.SIGINT)
    appliance.read_until("Stopping")
    eventually(lambda: "portal" not in Ledger(appliance.data).names())
    assert appliance.stop() == 0
    assert "worker stopped after" not in appliance.output
    assert not [pid for pid in pids if running(pid)]


def test_stops_the_engine_of_a_worker_that_was_just_killed(launch: Launch, port: str) -> None:
    appliance = launch(PORT=port)
    appliance.read_until(READY)
    engine = engine_pid(appliance.data)
    os.kill(child_pid(appliance.data, "worker"), signal.SIGKILL)
    appliance.read_until("worker ended (SIGKILL); starting it again")
    assert appliance.stop() == 0
    assert not running(engine)


def test_keeps_what_it_makes_to_its_user(launch: Launch, port: str) -> None:
    appliance = launch(PORT=port)
    appliance.read_until(READY)
    data = appliance.data
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for secret in ("secret-key", "redis/redis.conf", "run/environment"):
        assert stat.S_IMODE((data / secret).stat().st_mode) == 0o600
    appliance.stop()
    assert not (data / "run" / "environment").exists()


def test_recovers_after_it_was_killed(launch: Launch, port: str) -> None:
    first = launch(PORT=port)
    first.read_until(READY)
    with psycopg.connect(database_url(first.data)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    left_behind = every_pid(first.data)
    first.process.kill()
    first.process.wait()
    assert all(running(pid) for pid in left_behind)

    second = launch(PORT=port)
    second.read_until(READY)
    assert "The last run was killed; stopped what it left behind" in second.output
    assert not [pid for pid in left_behind if running(pid)]
    with psycopg.connect(database_url(second.data)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert second.stop() == 0


def test_recovers_after_everything_was_killed(launch: Launch, port: str) -> None:
    first = launch(PORT=port)
    first.read_until(READY)
    for pid in (first.process.pid, *every_pid(first.data)):
        os.kill(pid, signal.SIGKILL)
    first.process.wait()
    second = launch(PORT=port)
    second.read_until(READY)
    assert second.stop() == 0


@pytest.mark.parametrize("name", ["portal", "worker", "timetable", "postgres", "redis"])
def test_starts_a_killed_child_again(launch: Launch, port: str, name: str) -> None:
    appliance = launch(PORT=port)
    appliance.read_until(READY)
    killed = child_pid(appliance.data, name)
    os.kill(killed, signal.SIGKILL)
    appliance.read_until(f"{name} ended (SIGKILL); starting it again")
    eventually(lambda: (entry := Ledger(appliance.data).read(name)) is not None and entry.alive and entry.pid != killed)
    if name == "postgres":
        eventually(lambda: answers(database_url(appliance.data)))
    assert appliance.stop() == 0


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_gives_up_on_a_child_that_will_not_stay(launch: Launch, port: str) -> None:
    appliance = launch(PORT=port, STAND_IN_WORKER="fails")
    assert appliance.end() == 1
    assert "worker ended 5 times in a row, the last time with exit code 3" in appliance.output.splitlines()[-1]
    assert "the worker cannot find its engine" in appliance.output
    assert Ledger(appliance.data).names() == []


def test_second_launcher_on_the_same_data(launch: Launch, port: str) -> None:
    first = launch(PORT=port)
    first.read_until(READY)
    before = every_pid(first.data)
    second = launch(PORT=port)
    assert second.end() == 1
    assert second.output.strip().splitlines() == [
        f"The appliance runs already on {first.data}: stop it first, or choose another folder with APPLIANCE_DATA."
    ]
    assert every_pid(first.data) == before


def test_port_taken(launch: Launch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        appliance = launch(PORT=str(taken))
        assert appliance.end() == 1
    line = f"Port {taken} is taken by another program: choose another, PORT={taken + 1} make run"
    assert line in appliance.output.splitlines()


@pytest.mark.parametrize(
    ("name", "address", "shown"),
    [
        ("APPLIANCE_DATABASE_URL", "postgresql://a:hush-hush@127.0.0.1:1/b", "127.0.0.1:1/b"),
        ("APPLIANCE_REDIS_URL", "redis://:hush-hush@127.0.0.1:1/0", "127.0.0.1:1/0"),
        ("APPLIANCE_ENGINE_URL", "http://127.0.0.1:1/v1", "127.0.0.1:1/v1: Connection refused"),
        ("APPLIANCE_ENGINE_URL", "http://a:hush-hush@127.0.0.1:1/v1", "127.0.0.1:1/v1"),
    ],
)
def test_given_service_does_not_answer(launch: Launch, port: str, name: str, address: str, shown: str) -> None:
    appliance = launch(PORT=port, **{name: address})
    assert appliance.end() == 1
    line = next(line for line in appliance.output.splitlines() if line.startswith(f"{name}: "))
    assert shown in line
    assert "hush-hush" not in appliance.output


def test_uses_given_services(launch: Launch, port: str, tmp_path: Path) -> None:
    giver = launch(tmp_path / "giver", PORT=port)
    giver.read_until(READY)
    given = dict(line.split("=", 1) for line in (giver.data / "run" / "environment").read_text().splitlines())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        other_port = str(probe.getsockname()[1])
    addresses = {name: given[name].strip("'") for name in ("APPLIANCE_DATABASE_URL", "APPLIANCE_REDIS_URL")}
    taker = launch(tmp_path / "taker", PORT=other_port, **addresses)
    taker.read_until(READY)
    assert Ledger(taker.data).names() == ["portal", "timetable", "worker"]
    assert "pgvector" not in taker.output
    assert taker.stop() == 0
    assert answers(database_url(giver.data))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("APPLIANCE_SAMPLE", "maybe"),
        ("APPLIANCE_DATABASE_URL", "sqlite:///x"),
        ("APPLIANCE_REDIS_URL_FILE", "/nowhere/at/all"),
        ("APPLIANCE_ENGINE_PROFILE", "nope"),
        ("APPLIANCE_ENGINE_MODEL", "without-an-address"),
    ],
)
def test_bad_value_is_named(launch: Launch, name: str, value: str) -> None:
    appliance = launch(**{name: value})
    assert appliance.end() == 1
    assert appliance.output.strip().startswith(name)
    assert len(appliance.output.strip().splitlines()) == 1


def test_data_folder_that_cannot_be_made(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    appliance = launch(tmp_path / "file" / "data")
    assert appliance.end() == 1
    assert "cannot be made or used (Not a directory): choose another with APPLIANCE_DATA." in appliance.output
