"""A time limit for one stream that costs one timer, not one per token."""

import asyncio
from collections.abc import Callable


class StreamDeadline:
    """Calls `on_expiry` once when a stream stays silent for longer than its limit.

    The clock runs only while the reader waits (`start` to `stop`), so a slow consumer is never
    taken for a silent engine. Moving the deadline writes one attribute; the pending timer finds
    out when it fires.
    """

    __slots__ = ("_due", "_fires_at", "_loop", "_on_expiry", "_timer", "expired")

    def __init__(self, on_expiry: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_expiry = on_expiry
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._fires_at = 0.0
        self.expired = False

    def start(self, seconds: float) -> None:
        """Let the clock run until `seconds` from now; a later call moves the deadline."""
        self._due = self._loop.time() + seconds
        if self._timer is None or self._fires_at > self._due:
            self._arm(self._due)

    def stop(self) -> None:
        self._due = None

    def cancel(self) -> None:
        self.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._fires_at = when
        self._timer = self._loop.call_at(when, self._fire)

    def _fire(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self._loop.time() < self._due:
            self._arm(self._due)
            return
        self.expired = True
        self._on_expiry()
