from types import SimpleNamespace

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore

from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.core.actor import ANONYMOUS, Actor


def actor_of_session(session_key: str) -> Actor:
    """The actor behind a session cookie, by the same checks as a request (expiry, password change, suspension)."""
    if not session_key:
        return ANONYMOUS
    user = get_user(SimpleNamespace(session=SessionStore(session_key)))  # type: ignore[arg-type]  # reads .session only
    return actor_for(user if isinstance(user, User) else None)
