from django.db.models import QuerySet

from portal.core.actor import Actor
from portal.core.errors import Unavailable
from portal.core.prepared import PreparedRow
from portal.engines.models import Engine

_default = PreparedRow(lambda: Engine.objects.filter(is_default=True).order_by())


def engines(actor: Actor) -> QuerySet[Engine]:
    """Everyone who is signed in may see which engines there are and whether they answer."""
    if not actor.is_person:
        return Engine.objects.none()
    return Engine.objects.order_by("-is_default", "name")


def default_engine() -> Engine:
    """The engine that answers. Raises Unavailable: none was ever registered."""
    found = _default.get()
    if found is None:
        raise Unavailable("No engine is set up yet. Ask your platform administrator.", code="no_engine")
    return found


def default_engine_thinks() -> bool:
    found = _default.get()
    return found is not None and found.supports_thinking


def engine_states() -> dict[str, str]:
    """Name to state, for the readiness page."""
    return dict(Engine.objects.values_list("name", "state"))
