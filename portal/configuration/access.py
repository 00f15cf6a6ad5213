"""The door to the settings: platform administrators, and the appliance's own command."""

from django.utils.translation import gettext as _

from portal.audit.scene import because_of_platform_role
from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound, NotSignedIn


def may_administer(actor: Actor) -> bool:
    return actor.is_platform_administrator or actor.kind == "system"


def require_administrator(actor: Actor) -> None:
    """Raises Forbidden."""
    if not may_administer(actor):
        raise Forbidden(_("Only platform administrators change settings."))
    because_of_platform_role(actor)


def enter_settings(actor: Actor) -> None:
    """For faces: nobody else is told that there is anything here. Raises NotSignedIn or NotFound."""
    if not may_administer(actor):
        raise NotFound if actor.is_person else NotSignedIn
    because_of_platform_role(actor)
