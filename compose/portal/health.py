"""Health of one container, asked by Docker: `health.py portal | worker | timetable`. Exits 0 when healthy.

Standard library only, so that a check costs milliseconds and not the start of the application.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

SECONDS = 4.0
"""How long an answer may take."""

TIMETABLE_FRESH_SECONDS = 400.0
"""Celery beat writes its schedule every three minutes (`PersistentScheduler.sync_every`)."""


def portal() -> bool:
    return _get("http://127.0.0.1:8000/healthz")[0] == HTTPStatus.OK


def worker() -> bool:
    """Whether the portal has heard of a worker within its own limit; the engine may still be away."""
    _, body = _get("http://portal:8000/readyz")
    return bool(json.loads(body)["components"]["worker"]["ready"])


def timetable() -> bool:
    written = [file.stat().st_mtime for file in Path("/tmp").glob("schedule*")]  # noqa: S108 - the container's tmpfs
    return bool(written) and time.time() - max(written) < TIMETABLE_FRESH_SECONDS


def _get(url: str) -> tuple[int, bytes]:
    host = os.environ.get("APPLIANCE_HOSTS", "127.0.0.1").split(",")[0].strip()
    request = urllib.request.Request(url, headers={"Host": host})  # noqa: S310 - the two fixed addresses above
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


CHECKS: dict[str, Callable[[], bool]] = {"portal": portal, "worker": worker, "timetable": timetable}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in CHECKS:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        healthy = CHECKS[arguments[0]]()
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
