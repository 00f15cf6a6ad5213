#!/usr/bin/env python
import os
import shlex
import sys
from pathlib import Path

from django.core.management import execute_from_command_line


def join_running_appliance() -> None:
    """Beside a running `make run`, use what its processes were started with; a given environment wins."""
    if os.environ.get("APPLIANCE_SECRET_KEY") or os.environ.get("APPLIANCE_SECRET_KEY_FILE"):
        return
    data = Path(os.environ.get("APPLIANCE_DATA") or Path(__file__).resolve().parent / "var")
    try:
        lines = (data / "run" / "environment").read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    for assignment in shlex.split(lines):
        name, _, value = assignment.partition("=")
        os.environ.setdefault(name, value)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appliance.settings")
    join_running_appliance()
    execute_from_command_line(sys.argv)
