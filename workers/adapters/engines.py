"""The engines as a worker sees them: clients to all of them, and the one that this worker runs or watches."""

import asyncio
import hashlib
import hmac
from functools import cache

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from psycopg_pool import PoolTimeout

from portal.core.threads import in_database_thread
from portal.engines.choices import EngineState
from portal.engines.services import EngineCard, register_engine, report_engine
from workers.engine.address import EngineAddress
from workers.engine.attachment import Attachment
from workers.engine.bundled import bundled_weights_dir
from workers.engine.client import EngineClient, EngineTimeouts
from workers.engine.profiles import EngineKind, ModelProfile, load_profile
from workers.engine.supervisor import Supervisor

log = structlog.get_logger(__name__)

REPORT_SECONDS = 5.0


@cache
def profile_of(key: str) -> ModelProfile | None:
    return load_profile(key) if key else None


def managed_key() -> str:
    """The API key between our workers and the engines they start; nobody else needs to know it."""
    return hmac.new(settings.SECRET_KEY.encode(), b"engine-api-key", hashlib.sha256).hexdigest()


class EngineClients:
    """One client an address, for the life of the process; they share nothing but the loop."""

    def __init__(self) -> None:
        self._clients: dict[str, EngineClient] = {}

    def client(self, address: str, *, managed: bool) -> EngineClient:
        if address not in self._clients:
            key = managed_key() if managed else settings.ENGINE_API_KEY or None
            timeouts = EngineTimeouts(first_item=settings.ENGINE_FIRST_TOKEN_SECONDS, idle=settings.ENGINE_IDLE_SECONDS)
            self._clients[address] = EngineClient(address, key, timeouts)
        return self._clients[address]


class EngineWatch:
    """Runs the engine of this worker's profile, or watches the given one, and reports its state to the portal."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()

    async def run(self) -> None:
        if settings.ENGINE_URL:
            keeper: Supervisor | Attachment = Attachment(settings.ENGINE_URL, settings.ENGINE_API_KEY or None)
            card = self._attached_card
        elif settings.ENGINE_PROFILE:
            keeper, card = self._supervisor(), self._managed_card
        else:
            log.info("engine.none", reason="this worker neither starts nor watches an engine")
            return
        keeping = asyncio.ensure_future(keeper.run(self.stop))
        name = ""
        while not keeping.done():
            try:
                if not name:
                    found = await card()
                    await in_database_thread(register_engine, found)
                    name = found.name
                status = keeper.status
                await in_database_thread(report_engine, name, EngineState(status.state.value), status.detail)
            except (DatabaseError, PoolTimeout) as error:
                log.warning("engine.not_reported", error=type(error).__name__)
            ready = keeper.status.state.value == EngineState.READY
            await asyncio.wait({keeping}, timeout=REPORT_SECONDS if ready else 0.25)
        await keeping
        if name:
            await self._report_end(name, keeper.status.state.value, keeper.status.detail)

    async def _report_end(self, name: str, state: str, detail: str) -> None:
        try:
            await in_database_thread(report_engine, name, EngineState(state), detail)
        except (DatabaseError, PoolTimeout) as error:
            # The database may stop with us; readers find the report stale soon.
            log.info("engine.end_not_reported", error=type(error).__name__)

    def _supervisor(self) -> Supervisor:
        profile = load_profile(settings.ENGINE_PROFILE)
        bundled = profile.kind is EngineKind.CPU and not settings.ENGINE_WEIGHTS_DIR.exists()
        return Supervisor(
            profile,
            EngineAddress.parse(managed_address()),
            bundled_weights_dir() if bundled else settings.ENGINE_WEIGHTS_DIR,
            settings.ENGINE_STATE_DIR,
            managed_key(),
        )

    async def _managed_card(self) -> EngineCard:
        profile = load_profile(settings.ENGINE_PROFILE)
        return EngineCard(
            name=profile.title,
            model=profile.served_name,
            address=managed_address(),
            profile=profile.key,
            supports_thinking=profile.thinking == "template",
            context_tokens=profile.context_length,
        )

    async def _attached_card(self) -> EngineCard:
        model = settings.ENGINE_MODEL
        return EngineCard(
            name=model or "Attached engine",
            model=model,
            address=settings.ENGINE_URL,
            profile="",
            supports_thinking=True,
            context_tokens=0,
        )


def managed_address() -> str:
    return f"http://127.0.0.1:{settings.ENGINE_PORT}"
