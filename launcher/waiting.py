"""What is said while the appliance is not ready yet: for what it waits, and after a minute which log to look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from launcher.options import Options
from launcher.process import last_lines

SOON = 1.0
LATER = 10.0
"""Seconds between two lines where what is waited for has changed, and where it has not."""

LONG = 60.0
"""Seconds of waiting, after which the log that matters is named, and again each time they have passed."""

ROWS = 200
"""Characters of a log's last line that are shown."""


class Waiting:
    """``tell`` is called with what is waited for as often as one likes."""

    def __init__(self, options: Options, say: Callable[[str], None]) -> None:
        self._options = options
        self._say = say
        self._told = ""
        self._told_at = self._log_at = time.monotonic()

    def tell(self, waiting_for: Sequence[str]) -> None:
        waiting, now = ", ".join(waiting_for), time.monotonic()
        if now - self._told_at > (SOON if waiting != self._told else LATER):
            self._told, self._told_at = waiting, now
            self._say(f"Waiting for: {waiting}")
        if waiting_for and now - self._log_at > LONG:
            self._log_at = now
            log = self._log_of(waiting_for[0].partition(" ")[0])
            self._say(f"Its log is {log}, which ends with: {last_lines(log, 1).strip()[:ROWS] or '(nothing)'}")

    def _log_of(self, component: str) -> Path:
        """A component's log by its name in readiness; the worker's also says how it finds a given engine."""
        data = self._options.data
        own_engine = data / "engine" / "engine.log"
        if component == "engine" and self._options.engine_url is None and own_engine.exists():
            return own_engine
        logs = {"portal": "portal", "database": "postgres", "redis": "redis"}
        return data / "logs" / f"{logs.get(component, 'worker')}.log"
