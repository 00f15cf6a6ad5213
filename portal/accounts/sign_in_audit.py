"""Sign-in, sign-out and refused sign-ins go into the audit journal."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.audit.journal import Outcome, Target, record
from portal.core.actor import ANONYMOUS


@receiver(user_logged_in)
def signed_in(sender: object, user: User, **kwargs: Any) -> None:
    _record(user, "in", reason="password")


@receiver(user_logged_out)
def signed_out(sender: object, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        _record(user, "out", reason="own_account")


@receiver(user_login_failed)
def refused(sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The name that was typed is not kept: people type their password there by mistake."""
    user = _person(credentials.get("username") or "")
    _record(user, "in", outcome="denied", reason=_reason(user))


def refused_by_limit(name: str) -> None:
    """The password was not looked at."""
    _record(_person(name), "in", outcome="denied", reason="too many attempts")


def _person(name: str) -> User | None:
    return User.objects.filter(username__iexact=name).first() if name else None


def _reason(user: User | None) -> str:
    if user is None:
        return "unknown person"
    return "wrong password" if user.is_active else "suspended"


def _record(user: User | None, direction: str, *, outcome: Outcome = "allowed", reason: str = "") -> None:
    with transaction.atomic():
        record(
            actor_for(user) if user and outcome == "allowed" else ANONYMOUS,
            "session.sign_in",
            Target("person", user.id if user else None),
            outcome=outcome,
            reason=reason,
            details={"direction": direction},
        )
