"""What workers report about the engines they run or watch, and which engine questions go to."""

from dataclasses import dataclass

from django.db import connection, transaction

from portal.audit.journal import Target, record
from portal.audit.scene import because_of_platform_role
from portal.core.actor import Actor, system_actor
from portal.core.clock import now
from portal.core.errors import Forbidden, NotFound
from portal.engines.choices import EngineState
from portal.engines.health import is_alive
from portal.engines.models import Engine

# Who changes the default holds this lock of PostgreSQL: two workers may start at once, and there may be no row yet.
DEFAULT_LOCK = 7_205_392


@dataclass(frozen=True, slots=True)
class EngineCard:
    """What a worker knows of its engine before it answers."""

    name: str
    model: str
    address: str
    profile: str
    supports_thinking: bool
    context_tokens: int
    supports_budget: bool = False
    answer_tokens: int = 0


@transaction.atomic
def register_engine(card: EngineCard) -> Engine:
    """Make or refresh the engine's row. Running it again changes nothing."""
    engine = Engine.objects.select_for_update().filter(name=card.name).first()
    fields = {
        "model": card.model,
        "address": card.address,
        "profile": card.profile,
        "supports_thinking": card.supports_thinking,
        "context_tokens": card.context_tokens,
        "supports_budget": card.supports_budget,
        "answer_tokens": card.answer_tokens,
    }
    if engine is None:
        engine = Engine.objects.create(name=card.name, **fields)
    elif any(getattr(engine, key) != value for key, value in fields.items()):
        for key, value in fields.items():
            setattr(engine, key, value)
        engine.save(update_fields=list(fields))
    else:
        return engine
    record(system_actor("worker"), "engine.manage", Target("engine", engine.pk), details={"change": "registered"})
    return engine


@transaction.atomic
def claim_default(name: str) -> bool:
    """Make the engine the default where no living engine is; says whether it is the default now.

    Called by a worker while its engine is new to it. An engine that was stopped, or whose worker has gone silent, gives
    way; one that is starting, ready or failing under a living worker does not.
    """
    _lock_default()
    default = Engine.objects.filter(is_default=True).first()
    if default is not None and (default.name == name or is_alive(default)):
        return default.name == name
    _set_default(system_actor("worker"), Engine.objects.get(name=name))
    return True


def _require_administrator(actor: Actor) -> None:
    if not actor.is_platform_administrator:
        raise Forbidden
    because_of_platform_role(actor)


@transaction.atomic
def make_default(actor: Actor, engine: Engine) -> None:
    """Send the questions from now on to this engine; what has begun stays where it is.

    Raises:
        Forbidden: the actor is no platform administrator.
    """
    _require_administrator(actor)
    _lock_default()
    if not Engine.objects.filter(pk=engine.pk, is_default=True).exists():
        _set_default(actor, engine)


@transaction.atomic
def reserve(actor: Actor, engine: Engine, reserved: bool) -> None:
    """Leave the engine to those with a grant, or open it to everybody again. Doing it twice changes nothing.

    Raises:
        Forbidden: the actor is no platform administrator.
        NotFound: the engine is gone.
    """
    _require_administrator(actor)
    current = Engine.objects.select_for_update().filter(pk=engine.pk).first()
    if current is None:
        raise NotFound
    if current.reserved != reserved:
        current.reserved = reserved
        current.save(update_fields=["reserved"])
        change = "reserved" if reserved else "opened to everybody"
        record(actor, "engine.manage", Target("engine", engine.pk), details={"change": change})


def report_engine(name: str, state: EngineState, detail: str = "") -> None:
    """The worker's latest sight of the engine; ``detail`` says what to do where it is not ready."""
    Engine.objects.filter(name=name).update(state=state, detail=detail[:300], checked_at=now())


def _lock_default() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DEFAULT_LOCK])


def _set_default(actor: Actor, engine: Engine) -> None:
    Engine.objects.filter(is_default=True).update(is_default=False)
    Engine.objects.filter(pk=engine.pk).update(is_default=True)
    record(actor, "engine.manage", Target("engine", engine.pk), details={"change": "default"})
