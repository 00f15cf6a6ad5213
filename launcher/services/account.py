"""Who the embedded PostgreSQL runs as.

PostgreSQL refuses to run as root. Started by root it therefore runs as an operating-system user of its own, made when
it is first needed, which keeps one capability, to pass through directories: the checkout and the data folder may thus
stay closed to others.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import NamedTuple

from launcher.errors import LauncherError
from launcher.ledger import PROC

SYSTEM_USER = "appliance-postgres"

_PASS_DIRECTORIES = {"dac_read_search": 2, "dac_override": 1}
"""Capabilities that let a process pass directories, with their bit numbers, the narrower first."""


class Account(NamedTuple):
    """An operating-system user and group, by number."""

    user: int
    group: int


def account_for(cluster: Path) -> Account:
    """Who PostgreSQL runs as: this user; where root starts it the cluster's owner, or at first a user made for it."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if cluster.exists() and (found := cluster.stat()).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    made = _system_user()
    return Account(made.pw_uid, made.pw_gid)


def privilege_prefix(account: Account, binaries: Path) -> list[str]:
    """What to put before a PostgreSQL command where root starts it: a change of user. Raises LauncherError."""
    if os.geteuid() != 0:
        return []
    binaries.chmod(binaries.stat().st_mode | 0o055)
    for program in binaries.iterdir():
        program.chmod(program.stat().st_mode | 0o055)
    capability = _capability_to_pass_directories()
    switch = [f"--reuid={account.user}", f"--regid={account.group}", "--clear-groups"]
    keep = [f"--{kind}=-all,+{capability}" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
    return ["setpriv", *switch, *keep]


def _system_user() -> pwd.struct_passwd:
    """The user that PostgreSQL runs as where root starts it, made if there is none. Raises LauncherError."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    account = ["--system", "--user-group", "--no-create-home", "--home-dir=/nonexistent", "--shell=/usr/sbin/nologin"]
    try:
        subprocess.run(["useradd", *account, SYSTEM_USER], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise LauncherError(
            f"PostgreSQL does not run as root, and the user {SYSTEM_USER} could not be made: start as an ordinary user."
        ) from error
    return pwd.getpwnam(SYSTEM_USER)


def _capability_to_pass_directories() -> str:
    status = (PROC / "self/status").read_text()
    bounding = int(status.partition("CapBnd:")[2].split()[0], 16)
    for name, bit in _PASS_DIRECTORIES.items():
        if bounding >> bit & 1:
            return name
    raise LauncherError("Root has no capability to pass directories in this container: start as an ordinary user.")
