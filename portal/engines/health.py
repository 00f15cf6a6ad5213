import datetime

from portal.core.clock import now
from portal.core.readiness import Component
from portal.engines.choices import EngineState
from portal.engines.models import Engine

# Workers report every few seconds; older news means that no worker watches the engine.
STALE_AFTER = datetime.timedelta(seconds=20)
SILENT = "no report for 20 seconds"


def is_alive(engine: Engine) -> bool:
    """Whether a worker runs or watches the engine; the last report of one that stops says so."""
    heard = engine.checked_at is not None and now() - engine.checked_at < STALE_AFTER
    return heard and engine.state != EngineState.STOPPED


def engine_components() -> dict[str, Component]:
    """The readiness of the default engine, and of the workers: one that reports any engine is enough."""
    engines = list(Engine.objects.all())
    if not engines:
        return {"worker": Component(False, "no worker has reported yet"), "engine": Component(False, "not set up yet")}
    alive = any(is_alive(engine) for engine in engines)
    return {
        "worker": Component(alive, "" if alive else "no worker reports an engine"),
        "engine": _default_component(next((engine for engine in engines if engine.is_default), None)),
    }


def _default_component(engine: Engine | None) -> Component:
    if engine is None:
        return Component(False, "not set up yet")
    if not is_alive(engine) and engine.state != EngineState.STOPPED:
        return Component(False, SILENT)
    return Component(engine.state == EngineState.READY, engine.detail or engine.get_state_display())
