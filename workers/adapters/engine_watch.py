"""Keeps this worker's engine, and tells the portal what becomes of it."""

import asyncio
import contextlib
from dataclasses import replace

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from psycopg_pool import PoolTimeout

from portal.core.threads import in_database_thread
from portal.engines.choices import EngineState
from portal.engines.health import STALE_AFTER
from portal.engines.services import EngineCard, claim_default, register_engine, report_engine
from workers.adapters.engines import engine_card, keeper
from workers.engine.attachment import Attachment
from workers.engine.supervisor import Supervisor

log = structlog.get_logger(__name__)

REPORT_SECONDS = 5.0
LOOK_SECONDS = 0.25
"""Between two looks at an engine that is not ready."""

CLAIM_SECONDS = STALE_AFTER.total_seconds() + 5
"""For so long a new engine asks for the default: that of a killed worker takes a while to be known as silent."""

Sight = tuple[EngineState, str]


class EngineWatch:
    """Runs the engine of this worker's profile, or watches the given one, and reports its state until `stop` is set."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self._keeper: Supervisor | Attachment | None = None
        self._fault = ""
        self._registered = self._claimed = False
        self._claim_until = self._report_at = 0.0
        self._told: Sight | None = None
        self._learnt = 0

    async def run(self) -> None:
        """Raises ProfileError where the worker's profile cannot be read."""
        if not (settings.ENGINE_URL or settings.ENGINE_PROFILE):
            log.info("engine.none", reason="this worker neither starts nor watches an engine")
            return
        card = engine_card()
        keeping = asyncio.ensure_future(self._keep())
        try:
            while not self.stop.is_set():
                await self._tell(card)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), REPORT_SECONDS if self._is_settled() else LOOK_SECONDS)
        finally:
            self.stop.set()
            await keeping
        if self._registered:
            await self._tell_end(card.name)

    async def _keep(self) -> None:
        """An engine that cannot be kept at all is a state like others: reported until the worker is told to stop."""
        try:
            self._keeper = keeper()
            await self._keeper.run(self.stop)
        except Exception as error:
            self._fault = f"cannot be run: {error}"
            log.exception("engine.failed", reason=self._fault)

    def _is_settled(self) -> bool:
        """Whether the portal knows already that the engine is ready, and there is nothing left to claim."""
        sight = self._sight()
        return self._claimed and sight == self._told and sight[0] == EngineState.READY

    def _sight(self) -> Sight:
        if self._fault:
            return EngineState.FAILED, self._fault
        status = self._keeper.status if self._keeper is not None else None
        state = EngineState(status.state.value) if status is not None else EngineState.STOPPED
        # Not started yet. Whoever reads "stopped" may give the default to another engine.
        if status is None or (state == EngineState.STOPPED and not self.stop.is_set()):
            return EngineState.STARTING, "starting"
        return state, status.detail

    async def _tell(self, card: EngineCard) -> None:
        loop = asyncio.get_running_loop()
        sight = self._sight()
        if sight == self._told and loop.time() < self._report_at and self._claimed:
            return
        try:
            learnt = self._keeper.context_length if isinstance(self._keeper, Attachment) else 0
            if self._registered and learnt != self._learnt:
                self._learnt = learnt
                await in_database_thread(register_engine, replace(card, context_tokens=learnt))
            if not self._registered:
                await in_database_thread(register_engine, card)
                self._registered, self._claim_until = True, loop.time() + CLAIM_SECONDS
            if not self._claimed:
                # A default that is still alive at the end of that time is another worker's.
                self._claimed = await in_database_thread(claim_default, card.name) or loop.time() > self._claim_until
            await in_database_thread(report_engine, card.name, *sight)
        except (DatabaseError, PoolTimeout) as error:
            log.warning("engine.not_reported", error=type(error).__name__)
            return
        self._told, self._report_at = sight, loop.time() + REPORT_SECONDS

    async def _tell_end(self, name: str) -> None:
        state, detail = self._sight()
        try:
            await in_database_thread(
                report_engine, name, EngineState.STOPPED, detail if state == EngineState.STOPPED else "stopped"
            )
        except (DatabaseError, PoolTimeout) as error:
            # The database may stop with us; readers find the report stale soon.
            log.info("engine.end_not_reported", error=type(error).__name__)
