"""What workers report about the engines they run or watch."""

from dataclasses import dataclass

from django.db import transaction

from portal.audit.journal import Target, record
from portal.core.actor import system_actor
from portal.core.clock import now
from portal.engines.choices import EngineState
from portal.engines.models import Engine


@dataclass(frozen=True, slots=True)
class EngineCard:
    """What a worker knows of its engine before it answers."""

    name: str
    model: str
    address: str
    profile: str
    supports_thinking: bool
    context_tokens: int


@transaction.atomic
def register_engine(card: EngineCard) -> Engine:
    """Make or refresh the engine's row; the first engine becomes the default. Running it again changes nothing."""
    engine = Engine.objects.select_for_update().filter(name=card.name).first()
    fields = {
        "model": card.model,
        "address": card.address,
        "profile": card.profile,
        "supports_thinking": card.supports_thinking,
        "context_tokens": card.context_tokens,
    }
    if engine is None:
        first = not Engine.objects.filter(is_default=True).exists()
        engine = Engine.objects.create(name=card.name, is_default=first, **fields)
    elif any(getattr(engine, key) != value for key, value in fields.items()):
        for key, value in fields.items():
            setattr(engine, key, value)
        engine.save(update_fields=list(fields))
    else:
        return engine
    record(system_actor("worker"), "engine.manage", Target("engine", engine.pk), details={"change": "registered"})
    return engine


def report_engine(name: str, state: EngineState, detail: str = "") -> None:
    """The worker's latest sight of the engine; ``detail`` says what to do where it is not ready."""
    Engine.objects.filter(name=name).update(state=state, detail=detail[:300], checked_at=now())
