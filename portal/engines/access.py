from portal.core.actor import Actor
from portal.core.errors import NotFound
from portal.departments.authority import is_unbound, require_platform
from portal.engines.models import Engine


def require_management(actor: Actor, engine: Engine) -> None:
    """Who gives and denies rights on an engine. Raises NotFound, and Forbidden where the actor may only use it."""
    visible = is_unbound(actor) or Engine.objects.visible_to(actor).filter(pk=engine.pk).exists()
    if not visible:
        raise NotFound
    require_platform(actor)
