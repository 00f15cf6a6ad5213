"""What has to be so before anything is installed."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
from pathlib import Path

from launcher.errors import LauncherError

OLDEST = (3, 11)
NEWEST = (3, 13)

ROOM = 1_200
"""Megabytes that an installation needs while it is being made; about half of it stays."""


def python_problem(version: tuple[int, int]) -> str | None:
    """What is wrong with this version of Python; None where it fits."""
    if OLDEST <= version <= NEWEST:
        return None
    return (
        f"Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]} is needed, this is {version[0]}.{version[1]}: "
        "install one (apt install python3), or name it: make run PYTHON=/path/to/python3"
    )


def has_openmp() -> bool:
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True


def check_can_install(root: Path) -> None:
    """Raises LauncherError with one line where the checkout cannot be installed into."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise LauncherError("Python's venv module is missing: apt install python3-venv")
    if not os.environ.get("APPLIANCE_ENGINE_URL") and not has_openmp():
        raise LauncherError("The CPU engine needs the library libgomp.so.1: apt install libgomp1")
    check_writable(root)
    free = shutil.disk_usage(root).free // 2**20
    if free < ROOM:
        raise LauncherError(f"The disk is full: {free} MB are free under {root}, the installation needs {ROOM} MB.")


def check_writable(root: Path) -> None:
    """Raises LauncherError where the checkout is read-only for this user."""
    if not os.access(root, os.W_OK):
        raise LauncherError(
            f"The checkout {root} is read-only, and packages have to be installed into it: make it writable."
        )
