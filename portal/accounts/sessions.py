"""Sessions in the database, and the actor behind one. Every request and every socket begins here."""

import re
from types import SimpleNamespace

from django.contrib.auth import get_user
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.core.actor import ANONYMOUS, Actor
from portal.core.prepared import PreparedRow

# As Django makes them. Anything else is no session, and PostgreSQL would refuse some of it (NUL) with an error.
_KEY = re.compile("[a-z0-9]{32}", re.ASCII)

_live_session = PreparedRow(
    lambda key: Session.objects.filter(session_key=key, expire_date__gt=Now()), "a session key's place"
)


class SessionStore(db.SessionStore):
    """Django's, with its query built once; ``SESSION_ENGINE`` names this module."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None

    def _get_session_from_db(self) -> Session | None:
        found = _live_session.get(self.session_key) if self.session_key else None
        if found is None:
            self._session_key = None
        return found


def actor_of_session(session_key: str) -> Actor:
    """The actor behind a session cookie, by the same checks as a request (expiry, password change, suspension)."""
    if not session_key:
        return ANONYMOUS
    user = get_user(SimpleNamespace(session=SessionStore(session_key)))  # type: ignore[arg-type]  # reads .session only
    return actor_for(user if isinstance(user, User) else None)
