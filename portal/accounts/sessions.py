"""Sessions in the database, and the actor behind one. Every request and every socket begins here."""

import re
from datetime import timedelta
from types import SimpleNamespace

from django.contrib.auth import get_user
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.configuration import live
from portal.core.actor import ANONYMOUS, Actor
from portal.core.clock import now
from portal.core.prepared import PreparedRow

# As Django makes them. Anything else is no session, and PostgreSQL would refuse some of it (NUL) with an error.
_KEY = re.compile("[a-z0-9]{32}", re.ASCII)
# Hosts of one installation need not agree to the second; without this they would write at each other's sessions.
CLOCKS_APART = timedelta(seconds=60)

_live_session = PreparedRow(
    lambda key: Session.objects.filter(session_key=key, expire_date__gt=Now()), "a session key's place"
)


class SessionStore(db.SessionStore):
    """Django's, with its query built once; ``SESSION_ENGINE`` names this module."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None

    def get_session_cookie_age(self) -> int:
        return int(live.seconds("session_length"))

    def _get_session_from_db(self) -> Session | None:
        found = _live_session.get(self.session_key) if self.session_key else None
        if found is None:
            self._session_key = None
            return None
        self._shorten(found)
        return found

    def _shorten(self, session: Session) -> None:
        """Nobody's session outlives the length that is in force now: the end moves up once, to that from now."""
        latest = now() + timedelta(seconds=self.get_session_cookie_age())
        if session.expire_date > latest + CLOCKS_APART:
            Session.objects.filter(pk=session.pk).update(expire_date=latest)


def actor_of_session(session_key: str) -> Actor:
    """The actor behind a session cookie, by the same checks as a request (expiry, password change, suspension)."""
    if not session_key:
        return ANONYMOUS
    user = get_user(SimpleNamespace(session=SessionStore(session_key)))  # type: ignore[arg-type]  # reads .session only
    return actor_for(user if isinstance(user, User) else None)
