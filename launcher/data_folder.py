"""The data folder: everything that one installation has made and must not lose."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

from launcher.errors import LauncherError

ROOM = 300
"""Megabytes that have to be free to start: a database, its log, and the logs of the processes."""


@contextmanager
def hold(data: Path) -> Iterator[Path]:
    """Make the folder where needed, and hold it for this launcher alone. Raises LauncherError.

    The lock is the kernel's, so it ends with this process, however that ends; children do not inherit it.
    """
    _make_private(data)
    check_room(data)
    path = data / "run" / "lock"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(lock, data)
        yield data
    finally:
        os.close(lock)


def check_room(data: Path) -> None:
    """Raises LauncherError where the disk is full, or as good as."""
    free = shutil.disk_usage(data).free // 2**20
    if free < ROOM:
        raise LauncherError(f"The disk is full: {free} MB are free for {data}, {ROOM} MB are needed.")


def secret_key(data: Path) -> Path:
    """The file with the key that signs sessions, made the first time."""
    path = data / "secret-key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path


def write_environment(data: Path, environment: Mapping[str, str]) -> None:
    """Leave what the processes were started with in `run/environment`, for commands that are run beside them."""
    lines = (f"{name}={quote(value)}\n" for name, value in sorted(environment.items()))
    write_private(data / "run" / "environment", "".join(lines))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _lock(descriptor: int, data: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LauncherError(
            f"The appliance runs already on {data}: stop it first, or choose another folder with APPLIANCE_DATA."
        ) from None


def _make_private(data: Path) -> None:
    try:
        data.mkdir(parents=True, mode=0o700, exist_ok=True)
        if data.stat().st_mode & 0o077:
            data.chmod(0o700)
    except OSError as error:
        raise LauncherError(
            f"The data folder {data} cannot be made or used ({error.strerror}): choose another with APPLIANCE_DATA."
        ) from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise LauncherError(f"The data folder {data} is read-only: choose another with APPLIANCE_DATA.")
