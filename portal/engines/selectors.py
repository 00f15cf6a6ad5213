import uuid

from django.utils.translation import gettext as _

from portal.core.actor import Actor
from portal.core.errors import Forbidden, Invalid, Unavailable
from portal.core.prepared import PreparedRow
from portal.departments.models import Whom
from portal.engines.models import Engine, EngineQuerySet

_default = PreparedRow(lambda: Engine.objects.filter(is_default=True).order_by())
_usable = PreparedRow(
    lambda person_id: Engine.objects.allowed_to(Whom(person_id), "engine.use").order_by("-is_default", "name"),
    uuid.UUID("6a1d4a4e-0000-4000-8000-000000000003"),
)


def engines(actor: Actor) -> EngineQuerySet:
    """Those that the actor may use; the default one first."""
    return Engine.objects.visible_to(actor).order_by("-is_default", "name")


def engine_for(actor: Actor, wanted: uuid.UUID | None = None) -> Engine:
    """The engine that answers this person: the one he wants, else the default one, or the first that he may use.

    Raises:
        Invalid: he may not use the one that he wants, or there is none such.
        Unavailable: none was ever registered.
        Forbidden: he may use none of them.
    """
    if wanted is not None:
        chosen = Engine.objects.visible_to(actor).filter(pk=wanted).first()
        if chosen is None:
            raise Invalid(_("There is no such engine for you."), code="unknown_engine", details={"field": "engine"})
        return chosen
    found = _usable.get(actor.person_id)
    if found is not None:
        return found
    if _default.get() is None:
        raise Unavailable(_("No engine is set up yet. Ask your platform administrator."), code="no_engine")
    raise Forbidden(_("You may not use any of the engines. Ask your platform administrator."), code="no_engine_for_you")


def usable_engine(actor: Actor) -> Engine | None:
    return _usable.get(actor.person_id)


def engines_that_read(actor: Actor, tokens: int) -> list[Engine]:
    """Those that the actor may use and whose context holds so much, the smallest first."""
    return list(Engine.objects.visible_to(actor).filter(context_tokens__gte=tokens).order_by("context_tokens", "name"))


def engine_states() -> dict[str, str]:
    """Name to state, for the readiness page."""
    return dict(Engine.objects.values_list("name", "state"))
