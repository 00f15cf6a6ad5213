import uuid

from django.db.models import QuerySet

from portal.core.actor import Actor
from portal.core.errors import Unavailable
from portal.engines.models import Engine


def engines(actor: Actor) -> QuerySet[Engine]:
    """Everyone who is signed in may see which engines there are and whether they answer."""
    if not actor.is_person:
        return Engine.objects.none()
    return Engine.objects.order_by("-is_default", "name")


def default_engine() -> tuple[uuid.UUID, bool]:
    """The id of the engine that answers, and whether it can think. Raises Unavailable: none was ever registered."""
    found = Engine.objects.filter(is_default=True).values_list("pk", "supports_thinking").first()
    if found is None:
        raise Unavailable("No engine is set up yet. Ask your platform administrator.", code="no_engine")
    return found


def default_engine_thinks() -> bool:
    return Engine.objects.filter(is_default=True, supports_thinking=True).exists()


def engine_states() -> dict[str, str]:
    """Name to state, for the readiness page."""
    return dict(Engine.objects.values_list("name", "state"))
