"""The installation as a whole."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.installation.browser_packages import BrowserPackages
from launcher.installation.preflight import check_can_install
from launcher.installation.python_packages import PythonPackages
from launcher.installation.stamps import Stamps
from launcher.installation.steps import Steps


def install(root: Path, *, develop: bool) -> Path:
    """Install what is missing or has changed; returns the environment's interpreter. Raises LauncherError."""
    with _alone_in(root):
        stamps = Stamps(root / ".venv")
        python_packages = PythonPackages(root, stamps, develop=develop)
        browser_packages = BrowserPackages(root, stamps, python_packages, develop=develop)
        if not (python_packages.current and browser_packages.current):
            check_can_install(root)
            steps = Steps(root / ".venv" / "installed")
            python_packages.make_environment(steps)
            steps.side_by_side(
                lambda: python_packages.install_packages(steps),
                lambda: python_packages.install_weights(steps),
                lambda: browser_packages.install(steps),
            )
            steps.say("Everything is installed.")
    return python_packages.python


@contextmanager
def _alone_in(root: Path) -> Iterator[None]:
    """Keep a second installation in the same checkout waiting; the lock is on a folder, so it leaves no file."""
    folder = os.open(root / "requirements", os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another installation runs in this checkout; waiting for it …", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
