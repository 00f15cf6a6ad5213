"""The engines as a worker sees them: clients to all of them, and the one that this worker runs or watches."""

import hashlib
import hmac
from functools import cache

from django.conf import settings

from portal.configuration import live
from portal.engines.services import EngineCard
from workers.engine.address import EngineAddress
from workers.engine.attachment import Attachment
from workers.engine.bundled import bundled_weights_dir
from workers.engine.client import EngineClient, EngineTimeouts
from workers.engine.profiles import EngineKind, ModelProfile, load_profile
from workers.engine.supervisor import Supervisor


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
        # They may change while the worker runs; answers in progress go by the new ones from their next piece.
        timeouts = EngineTimeouts(first_item=live.seconds("first_token_time"), idle=live.seconds("idle_time"))
        client = self._clients.get(address)
        if client is None:
            key = managed_key() if managed else settings.ENGINE_API_KEY or None
            client = self._clients[address] = EngineClient(address, key, timeouts)
        client.timeouts = timeouts
        return client


def keeper() -> Supervisor | Attachment:
    """What runs the engine of this worker's profile, or watches the given one.

    Raises:
        ValueError: the profile cannot be read, or the address is not one.
        WeightsMissing: the bundled model is not installed.
    """
    if settings.ENGINE_URL:
        return Attachment(settings.ENGINE_URL, settings.ENGINE_API_KEY or None)
    profile = load_profile(settings.ENGINE_PROFILE)
    bundled = profile.kind is EngineKind.CPU and not settings.ENGINE_WEIGHTS_DIR.exists()
    return Supervisor(
        profile,
        EngineAddress.parse(managed_address()),
        bundled_weights_dir() if bundled else settings.ENGINE_WEIGHTS_DIR,
        settings.ENGINE_STATE_DIR,
        managed_key(),
    )


def engine_card() -> EngineCard:
    """Raises ProfileError where the profile cannot be read."""
    if settings.ENGINE_URL:
        model = settings.ENGINE_MODEL
        return EngineCard(
            name=model or "Attached engine",
            model=model,
            address=settings.ENGINE_URL,
            profile="",
            # Taken for a vLLM; what the engine tells of itself comes with its first answer.
            supports_thinking=True,
            supports_budget=True,
            context_tokens=0,
        )
    profile = load_profile(settings.ENGINE_PROFILE)
    return EngineCard(
        name=profile.title,
        model=profile.served_name,
        address=managed_address(),
        profile=profile.key,
        supports_thinking=profile.thinking == "template",
        context_tokens=profile.context_length,
        supports_budget=profile.thinking_budget,
        answer_tokens=profile.max_output_tokens,
    )


def managed_address() -> str:
    return f"http://127.0.0.1:{settings.ENGINE_PORT}"
