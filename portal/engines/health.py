import datetime

from portal.core.clock import now
from portal.core.readiness import Component
from portal.engines.choices import EngineState
from portal.engines.models import Engine

# Workers report every few seconds; older news means that no worker watches the engine.
STALE_AFTER = datetime.timedelta(seconds=20)


def engine_components() -> dict[str, Component]:
    """The readiness of the default engine, and of the worker that reports it."""
    engine = Engine.objects.filter(is_default=True).first()
    if engine is None:
        return {"worker": Component(False, "no worker has reported yet"), "engine": Component(False, "not set up yet")}
    alive = engine.checked_at is not None and now() - engine.checked_at < STALE_AFTER
    ready = alive and engine.state == EngineState.READY
    return {
        "worker": Component(alive, "" if alive else "no report for 20 seconds"),
        "engine": Component(ready, engine.detail or engine.get_state_display()),
    }
