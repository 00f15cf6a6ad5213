"""`python -m launcher`: runs the installed appliance until Ctrl-C."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from launcher.errors import LauncherError
from launcher.launch import Launch
from launcher.options import read_options

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    try:
        Launch(read_options(os.environ, ROOT), os.environ).run()
    except LauncherError as error:
        print(f"\n{error.details}\n\n{error}" if error.details else f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
