"""Who may use which part of the console. Whoever may use none of it finds nothing at its address."""

from typing import Literal

from django.http import HttpRequest

from portal.accounts.door import actor_of
from portal.core.actor import Actor

Section = Literal["administration", "journal"]

ADMINISTRATION: Section = "administration"
JOURNAL: Section = "journal"

# Where a person begins who may use this section and none before it.
FIRST_PAGES: dict[Section, str] = {ADMINISTRATION: "admin:index", JOURNAL: "admin:journal"}


def sections(actor: Actor) -> list[Section]:
    """In the order of the navigation."""
    allowed: dict[Section, bool] = {
        ADMINISTRATION: actor.is_platform_administrator,
        JOURNAL: actor.is_auditor,
    }
    return [section for section, may in allowed.items() if may]


def section_of(view: object) -> Section | None:
    """The section that a page belongs to, by its view or the class that has it; None: any section opens it."""
    owner = getattr(view, "__self__", None)
    found: Section | None = getattr(view, "section", getattr(owner, "section", ADMINISTRATION))
    return found


def administration(request: HttpRequest) -> bool:
    """For the navigation's entries."""
    return ADMINISTRATION in sections(actor_of(request))


def journal(request: HttpRequest) -> bool:
    """For the navigation's entries."""
    return JOURNAL in sections(actor_of(request))
