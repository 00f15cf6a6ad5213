"""Watches the health of an engine that is run elsewhere and attached to by address."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from workers.engine.client import EngineClient, EngineTimeouts
from workers.engine.states import EngineState, EngineStatus, OnChange, StatusBoard


@dataclass(slots=True)
class Attachment:
    """The same face as `Supervisor`, for an engine that is not ours to start or stop.

    Args:
        base_url: the engine's address.
        interval: seconds between two health checks.
        failures: failed checks in a row that count as an outage.

    Raises:
        ValueError: `base_url` is not an engine address.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    interval: float = 5.0
    failures: int = 2
    on_change: OnChange | None = None
    _board: StatusBoard = field(init=False, repr=False)
    _client: EngineClient = field(init=False, repr=False)

    def __post_init__(self) -> None:
        timeouts = EngineTimeouts(connect=self.interval, probe=self.interval)
        self._client = EngineClient(self.base_url, self.api_key, timeouts)
        self._board = StatusBoard(str(self._client.address), self.on_change)

    @property
    def status(self) -> EngineStatus:
        return self._board.status

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set; the engine is left as it is."""
        failed = 0
        self._board.report(EngineState.STARTING, "attaching")
        try:
            while not stop.is_set():
                if await self._client.health():
                    failed = 0
                    self._board.report(EngineState.READY, "healthy")
                else:
                    failed += 1
                    if failed >= self.failures:
                        self._board.report(EngineState.FAILED, "does not answer health checks")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self.interval)
            self._board.report(EngineState.STOPPED, "detached")
        finally:
            await self._client.close()
