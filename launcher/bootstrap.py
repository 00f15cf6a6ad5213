"""Installs what the lock files name into the checkout, then hands over to the launcher.

Run by the machine's own Python with nothing installed: `python3 -m launcher.bootstrap {install,run,dev}`. This module
and `launcher.installation` use the standard library only, and only what an older Python reads far enough to say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from launcher.errors import LauncherError
from launcher.installation.install import install
from launcher.installation.preflight import python_problem
from launcher.installation.steps import clean_environment

ROOT = Path(__file__).resolve().parent.parent
MODES = ("install", "run", "dev")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in MODES:
        print(f"usage: python3 -m launcher.bootstrap {{{','.join(MODES)}}}", file=sys.stderr)
        return 2
    try:
        _use_a_fitting_python()
        python = install(ROOT, develop=arguments[0] == "dev")
    except LauncherError as error:
        print(f"{error.details}\n\n{error}" if error.details else error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what is installed is kept.", file=sys.stderr)
        return 130
    if arguments[0] == "run":
        os.chdir(ROOT)
        os.execve(python, [str(python), "-m", "launcher"], clean_environment())  # noqa: S606 - the interpreter just installed, no shell
    return 0


def _use_a_fitting_python() -> None:
    """Go on under another Python of the machine where this one is too old or too new. Raises LauncherError."""
    problem = python_problem(sys.version_info[:2])
    if problem is None:
        return
    for minor in (13, 12, 11):
        other = shutil.which(f"python3.{minor}")
        if other is not None and subprocess.run([other, "-c", "import ensurepip, venv"], check=False).returncode == 0:
            os.execv(other, [other, "-m", "launcher.bootstrap", *sys.argv[1:]])  # noqa: S606 - a found interpreter
    raise LauncherError(problem)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
