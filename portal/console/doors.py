"""Who may use which part of the console. Whoever may use none of it finds nothing at its address."""

from typing import Literal

from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.door import actor_of
from portal.audit.scene import because_of_department, because_of_platform_role
from portal.core.actor import Actor
from portal.core.catalogue import RIGHTS
from portal.departments.standing import Standing, standing_of

Section = Literal["administration", "company", "journal", "break_glass", "retention"]

ADMINISTRATION: Section = "administration"
COMPANY: Section = "company"
JOURNAL: Section = "journal"
BREAK_GLASS: Section = "break_glass"
RETENTION: Section = "retention"

ADMINISTRATIVE = frozenset(name for name, right in RIGHTS.items() if right.administrative)

# Where a person begins who may use this section and none before it.
FIRST_PAGES: dict[Section, str] = {
    ADMINISTRATION: "admin:index",
    COMPANY: "admin:departments",
    JOURNAL: "admin:journal",
    BREAK_GLASS: "admin:chat_breakglass_changelist",
    RETENTION: "admin:retention_rule_changelist",
}


def standing_for(request: HttpRequest) -> Standing:
    """What whoever asks holds in the tree, resolved once a request.

    Of a platform administrator, who administers everything, only that: his memberships add nothing to it here.
    """
    found: Standing | None = getattr(request, "_console_standing", None)
    if found is None:
        actor = actor_of(request)
        found = Standing((), {}, ADMINISTRATIVE) if actor.is_platform_administrator else standing_of(actor)
        request._console_standing = found  # type: ignore[attr-defined]  # kept with the request
    return found


def sections(actor: Actor, standing: Standing | None = None) -> list[Section]:
    """In the order of the navigation."""
    standing = standing or standing_of(actor)
    allowed: dict[Section, bool] = {
        ADMINISTRATION: actor.is_platform_administrator,
        COMPANY: actor.is_platform_administrator or standing.administers,
        JOURNAL: actor.is_auditor,
        BREAK_GLASS: actor.has_platform_role,
        RETENTION: "retention.manage" in standing.anywhere,
    }
    return [section for section, may in allowed.items() if may]


def sections_for(request: HttpRequest) -> list[Section]:
    return sections(actor_of(request), standing_for(request))


def because_of_section(actor: Actor, section: Section | None) -> None:
    """What lets whoever it is into a section that is his; the pages' own doors may say more."""
    if actor.has_platform_role and (section is None or section not in (COMPANY, RETENTION)):
        because_of_platform_role(actor)
    else:
        because_of_department(actor)


def section_of(view: object) -> Section | None:
    """The section that a page belongs to, by its view or the class that has it; None: any section opens it."""
    owner = getattr(view, "__self__", None)
    found: Section | None = getattr(view, "section", getattr(owner, "section", ADMINISTRATION))
    return found


def administration(request: HttpRequest) -> bool:
    """For the navigation's entries."""
    return ADMINISTRATION in sections_for(request)


def company(request: HttpRequest) -> bool:
    """For the navigation's entries."""
    return COMPANY in sections_for(request)


def journal(request: HttpRequest) -> bool:
    """For the navigation's entries."""
    return JOURNAL in sections_for(request)


def break_glass(request: HttpRequest) -> bool:
    """For the navigation's entries."""
    return BREAK_GLASS in sections_for(request)


def settings_but_history(request: HttpRequest) -> bool:
    """For the navigation, which would mark both entries on the page of one that begins with the other's address."""
    begins = request.path.startswith
    return begins(reverse("admin:settings")) and not begins(reverse("admin:settings_history"))


def retention(request: HttpRequest) -> bool:
    """For the navigation's entries."""
    return RETENTION in sections_for(request)
