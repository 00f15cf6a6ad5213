"""Asking for break-glass access, deciding, ending, and noting what has ended by itself.

Every state is changed by one UPDATE that names the state it expects, so of two people at once one is refused.
"""

import datetime
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.models import User
from portal.audit.journal import Target, record
from portal.audit.scene import because_of_platform_role
from portal.chat.break_glass.choices import LAPSES_AFTER_HOURS, LONGEST_REASON, SHORTEST_REASON, Decision
from portal.chat.break_glass.models import BreakGlass, BreakGlassQuerySet
from portal.chat.break_glass.telling import tell_owners
from portal.chat.models import Conversation
from portal.core.actor import Actor
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound
from portal.core.text import clean_text
from portal.departments.models import Workspace


@dataclass(frozen=True, slots=True)
class Scope:
    """Exactly one of: a workspace, a person's conversations in a workspace, a conversation."""

    workspace: uuid.UUID | None = None
    person: uuid.UUID | None = None
    conversation: uuid.UUID | None = None

    def check(self) -> None:
        """Raises Invalid: it is not one of the three, or names what is not there."""
        if (self.workspace is None) == (self.conversation is None) or (self.conversation and self.person):
            raise Invalid(
                _("Name a workspace, a workspace and a person, or a conversation."),
                code="bad_scope",
                details={"field": "workspace"},
            )
        known = {
            "workspace": self.workspace is None or Workspace.objects.filter(pk=self.workspace).exists(),
            "person": self.person is None or User.objects.filter(pk=self.person).exists(),
            "conversation": self.conversation is None or Conversation.objects.filter(pk=self.conversation).exists(),
        }
        unknown = {
            "workspace": _("There is no such workspace."),
            "person": _("There is no such person."),
            "conversation": _("There is no such conversation."),
        }
        for name, is_known in known.items():
            if not is_known:
                raise Invalid(unknown[name], code="unknown_scope", details={"field": name})


@transaction.atomic
def ask_for_access(actor: Actor, scope: Scope, reason: str, hours: int) -> BreakGlass:
    """Ask to read what is sealed; somebody else decides.

    Raises:
        Forbidden: only people with a platform role ask.
        Invalid, TooLarge: scope, reason or hours are not acceptable.
        Conflict: the same is asked already, or there is nobody who could approve.
    """
    require_platform_role(actor)
    text = clean_text(reason, limit=LONGEST_REASON, name="reason")
    if len(text) < SHORTEST_REASON:
        raise Invalid(
            ngettext(
                "Say why, in at least %(shortest_reason)s character.",
                "Say why, in at least %(shortest_reason)s characters.",
                SHORTEST_REASON,
            )
            % {"shortest_reason": SHORTEST_REASON},
            code="reason_too_short",
            details={"field": "reason"},
        )
    most = settings.BREAK_GLASS_HOURS
    if not 1 <= hours <= most:
        raise Invalid(
            ngettext("Access lasts 1 to %(hours)s hour.", "Access lasts 1 to %(hours)s hours.", most) % {"hours": most},
            code="bad_hours",
            details={"field": "hours"},
        )
    scope.check()
    if not others_who_decide(actor):
        raise Conflict(
            _(
                "There is nobody else who could approve this. Appoint an auditor or a second platform administrator "
                "first."
            ),
            code="no_second_person",
        )
    _lapse(actor, BreakGlass.objects.filter(asker_id=actor.person_id))
    request = BreakGlass(
        asker_id=actor.person_id,
        reason=text,
        hours=hours,
        workspace_id=scope.workspace,
        owner_id=scope.person,
        conversation_id=scope.conversation,
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        raise Conflict(
            _("You have asked for this already, and nobody has decided yet."), code="asked_already"
        ) from None
    _record(actor, "break_glass.ask", request, {"hours": hours})
    return request


@transaction.atomic
def decide(actor: Actor, request_id: uuid.UUID, *, approve: bool) -> BreakGlass:
    """Approve or refuse another one's request; its time runs from now, and the owners are told.

    Raises:
        Forbidden: only people with a platform role decide, and nobody decides his own request.
        NotFound: there is no such request.
        Conflict: it is decided, or has lapsed.
    """
    require_platform_role(actor)
    request = _locked(request_id)
    if request.asker_id == actor.person_id:
        raise Forbidden(_("Nobody decides their own request. Ask another person."), code="own_request")
    open_still = BreakGlass.objects.filter(pk=request.pk, decision=Decision.OPEN, asked_at__gt=_lapsed_before())
    ends = ExpressionWrapper(Now() + datetime.timedelta(hours=request.hours), DateTimeField())
    decided = open_still.update(
        decision=Decision.APPROVED if approve else Decision.REFUSED,
        decided_by=actor.person_id,
        decided_at=Now(),
        expires_at=ends if approve else None,
    )
    if not decided:
        raise Conflict(_("This request is decided already, or has lapsed."), code="decided")
    _record(actor, "break_glass.approve" if approve else "break_glass.refuse", request, {"hours": request.hours})
    request = BreakGlass.objects.select_related("asker", "decided_by", "workspace").get(pk=request.pk)
    if approve:
        tell_owners(request, _owners(request))
    return request


@transaction.atomic
def end(actor: Actor, request_id: uuid.UUID) -> BreakGlass:
    """End an access before its time, or withdraw one's own request that nobody has decided.

    Raises:
        Forbidden: only people with a platform role do.
        NotFound: there is no such request.
        Conflict: there is nothing to end.
    """
    require_platform_role(actor)
    request = _locked(request_id)
    rows = BreakGlass.objects.filter(pk=request.pk)
    if request.decision == Decision.OPEN and request.asker_id == actor.person_id:
        rows.update(decision=Decision.WITHDRAWN, decided_by=actor.person_id, decided_at=Now())
        action = "break_glass.withdraw"
    elif rows.filter(decision=Decision.APPROVED, ended_at=None, expires_at__gt=Now()).update(
        ended_at=Now(), ended_by=actor.person_id
    ):
        action = "break_glass.end"
    else:
        raise Conflict(_("There is no access to end."), code="not_active")
    _record(actor, action, request)
    request.refresh_from_db()
    return request


@transaction.atomic
def note_what_ended(actor: Actor) -> None:
    """Record, once, accesses whose time is up and requests that nobody has decided in time (timetable)."""
    over = BreakGlass.objects.filter(decision=Decision.APPROVED, ended_at=None, expires_at__lte=Now())
    for request in over.select_for_update(skip_locked=True):
        BreakGlass.objects.filter(pk=request.pk).update(ended_at=request.expires_at)
        _record(actor, "break_glass.expire", request)
    _lapse(actor, BreakGlass.objects.all())


def others_who_decide(actor: Actor) -> bool:
    return User.objects.filter(is_active=True).exclude(platform_role="").exclude(pk=actor.person_id).exists()


def require_platform_role(actor: Actor) -> None:
    """Raises Forbidden."""
    if not actor.has_platform_role:
        raise Forbidden
    because_of_platform_role(actor)


def _locked(request_id: uuid.UUID) -> BreakGlass:
    found = BreakGlass.objects.select_for_update(of=("self",)).filter(pk=request_id).first()
    if found is None:
        raise NotFound
    return found


def _lapse(actor: Actor, rows: BreakGlassQuerySet) -> None:
    late = rows.filter(decision=Decision.OPEN, asked_at__lte=_lapsed_before())
    for request in late.select_for_update(skip_locked=True):
        BreakGlass.objects.filter(pk=request.pk).update(decision=Decision.LAPSED, decided_at=Now())
        _record(actor, "break_glass.expire", request, {"lapsed": True})


def _lapsed_before() -> Combinable:
    return ExpressionWrapper(Now() - datetime.timedelta(hours=LAPSES_AFTER_HOURS), DateTimeField())


def _owners(request: BreakGlass) -> list[uuid.UUID]:
    found = Conversation.objects.in_scope(request).order_by().values_list("owner_id", flat=True)
    return list(found.distinct())


def _record(actor: Actor, action: str, request: BreakGlass, more: dict[str, object] | None = None) -> None:
    """The reason stays with the request: it is free text, and the journal keeps none."""
    scope = {name: str(value) for name, value in request.scope.items()}
    record(actor, action, Target("break_glass", request.pk), details={**scope, **(more or {})})
