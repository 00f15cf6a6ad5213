"""The embedded PostgreSQL and Redis by themselves."""

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
import redis

from launcher.errors import LauncherError
from launcher.ledger import Ledger, running
from launcher.process import Child, Command
from launcher.services import start_postgres, start_redis
from launcher.services.postgres import SOCKET_PATH_LIMIT
from tests.launcher.conftest import eventually


def test_postgres_is_fit_for_the_appliance(tmp_path: Path) -> None:
    service = start_postgres(tmp_path, durable=False)
    try:
        with psycopg.connect(service.url) as connection:
            role = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
            assert connection.execute(role).fetchone() == (False, True)
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
            assert connection.execute("SELECT '[1,2]'::vector <-> '[1,3]'").fetchone() == (1.0,)
        with psycopg.connect(service.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE for_tests")
        with psycopg.connect(service.url, dbname="for_tests") as connection:
            extensions = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
            assert {"vector", "pg_trgm", "unaccent"} <= extensions
    finally:
        service.stop()
    assert not service.child.alive


def test_postgres_never_listens_on_the_network(tmp_path: Path) -> None:
    service = start_postgres(tmp_path, durable=False)
    try:
        with psycopg.connect(service.url) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert (tmp_path / "run" / "postgresql").stat().st_mode & 0o077 == 0
    finally:
        service.stop()


def test_postgres_takes_over_from_one_left_behind(tmp_path: Path) -> None:
    first = start_postgres(tmp_path, durable=False)
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    second = start_postgres(tmp_path, durable=False)
    try:
        assert not first.child.alive
        with psycopg.connect(second.url) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    finally:
        second.stop()


def test_postgres_recovers_from_a_kill(tmp_path: Path) -> None:
    first = start_postgres(tmp_path)
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    assert first.child.process is not None
    first.child.process.kill()  # not waited for: its entry in the process table outlives it
    second = start_postgres(tmp_path)
    try:
        with psycopg.connect(second.url) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
    finally:
        second.stop()


def test_postgres_after_an_interrupted_first_start(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    service = start_postgres(tmp_path, durable=False)
    service.stop()
    assert not (tmp_path / "postgres.new").exists()


def test_postgres_of_another_version(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(LauncherError, match="was made by PostgreSQL 9"):
        start_postgres(tmp_path)


def test_postgres_in_a_folder_too_deep_for_a_socket(tmp_path: Path) -> None:
    data = tmp_path / ("a" * 60) / ("b" * 60)
    assert len(os.fsencode(data)) > SOCKET_PATH_LIMIT
    service = start_postgres(data, durable=False)
    try:
        sockets = Path(service.url.partition("host=")[2])
        assert sockets.stat().st_mode & 0o077 == 0
        psycopg.connect(service.url).close()
    finally:
        service.stop()
    sockets.rmdir()


def test_redis_keeps_its_data_over_a_restart(tmp_path: Path) -> None:
    first = start_redis(tmp_path)
    with redis.Redis.from_url(first.url) as client:
        client.set("kept", "yes")
    first.stop()
    second = start_redis(tmp_path)
    try:
        with redis.Redis.from_url(second.url) as client:
            assert client.get("kept") == b"yes"
    finally:
        second.stop()


def test_redis_wants_its_password(tmp_path: Path) -> None:
    service = start_redis(tmp_path, durable=False)
    try:
        stranger = redis.Redis.from_url("redis://" + service.url.partition("@")[2])
        with stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        service.stop()


def test_full_disk_is_said_in_one_line(tmp_path: Path) -> None:
    child = Child(Command("writer", ["sh", "-c", "seq 9 > /dev/full"], dict(os.environ)), tmp_path)
    child.start()
    with pytest.raises(LauncherError, match=r"^The disk is full: writer could not write\."):
        child.await_ready(lambda: False, 30)


def test_ledger_leaves_a_number_used_again_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        ledger = Ledger(tmp_path)
        ledger.enter("worker", stranger.pid, signal.SIGTERM)
        entry = tmp_path / "run" / "worker.json"
        entry.write_text(entry.read_text().replace('"started": ', '"started": 9'))
        assert not ledger.stop_leftover("worker")
        assert running(stranger.pid)
        assert ledger.names() == []
    finally:
        stranger.kill()
        stranger.wait()


def test_ledger_survives_a_damaged_entry(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "worker.json").write_text('{"pid": ')
    assert not Ledger(tmp_path).stop_leftover("worker")


def test_stopping_ends_a_child_that_will_not_listen_and_its_own_children(tmp_path: Path) -> None:
    script = 'trap "" TERM; sleep 60 & echo $!; wait; wait'
    child = Child(Command("deaf", ["bash", "-c", script], dict(os.environ), grace=0.3), tmp_path)
    child.start()
    child.await_ready(lambda: bool(child.log_tail()), 30)
    grandchild = int(child.log_tail())
    child.stop()
    assert not child.alive
    eventually(lambda: not running(grandchild))


def test_log_stays_within_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launcher.process.LOG_LIMIT", 100)
    child = Child(Command("talker", ["sh", "-c", "seq 1 1000; sleep 60"], dict(os.environ)), tmp_path)
    child.start()
    try:
        child.await_ready(lambda: child.log_tail().endswith("1000"), 30)
        child.bound_log()
        assert child.log.stat().st_size == 0
        assert child.log.with_suffix(".log.1").stat().st_size == 100
    finally:
        child.kill()
