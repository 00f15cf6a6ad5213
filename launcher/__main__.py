"""`python -m launcher`: runs the installed appliance until Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from launcher.errors import LauncherError
from launcher.launch import Launch
from launcher.options import read_options

ROOT = Path(__file__).resolve().parent.parent


def run(make_launch: Callable[[], Launch]) -> int:
    """Run to the end; returns the exit code."""
    try:
        make_launch().run()
    except LauncherError as error:
        print(f"\n{error.details}\n\n{error}" if error.details else f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(lambda: Launch(read_options(os.environ, ROOT), os.environ)))
