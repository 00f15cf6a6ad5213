"""Watches the health of an engine that is run elsewhere and attached to by address."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from workers.engine.client import EngineClient, EngineTimeouts
from workers.engine.errors import EngineError
from workers.engine.lint import Finding, Subject, error_codes, lint_attached
from workers.engine.profiles import EngineKind
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
    sends_cache_salt: bool = True
    # In tokens, as the engine told when it was found ready; 0: it did not.
    context_length: int = field(init=False, default=0)
    _board: StatusBoard = field(init=False, repr=False)
    _client: EngineClient = field(init=False, repr=False)

    def __post_init__(self) -> None:
        timeouts = EngineTimeouts(connect=self.interval, probe=self.interval)
        self._client = EngineClient(self.base_url, self.api_key, timeouts)
        self._board = StatusBoard(str(self._client.address), self.on_change)

    @property
    def status(self) -> EngineStatus:
        return self._board.status

    async def findings(self) -> list[Finding]:
        """What the lint says of the engine as it runs now; it is not reported ready while that holds an error."""
        return lint_attached(
            Subject(
                EngineKind.VLLM,
                self._client.address,
                engine_version=await self._client.version(),
                sends_cache_salt=self.sends_cache_salt,
            )
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set; the engine is left as it is."""
        failed = 0
        self._board.report(EngineState.STARTING, "attaching")
        try:
            while not stop.is_set():
                if await self._client.health():
                    failed = 0
                    await self._report_health()
                else:
                    failed += 1
                    if failed >= self.failures:
                        self._board.report(EngineState.FAILED, "does not answer health checks")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self.interval)
            self._board.report(EngineState.STOPPED, "detached")
        finally:
            await self._client.close()

    async def _report_health(self) -> None:
        if self.status.state is EngineState.READY:
            return
        errors = error_codes(await self.findings())
        if errors:
            self._board.report(EngineState.FAILED, f"refused to serve: {', '.join(errors)}")
        else:
            await self._learn()
            self._board.report(EngineState.READY, "healthy")

    async def _learn(self) -> None:
        with contextlib.suppress(EngineError):
            lengths = [model.context_length for model in await self._client.models() if model.context_length]
            self.context_length = min(lengths, default=0)
