"""From a signed-in session to an actor."""

from typing import Protocol

from django.contrib.auth.models import AnonymousUser

from portal.accounts.choices import PlatformRole
from portal.accounts.models import User
from portal.core.actor import ANONYMOUS, Actor
from portal.core.errors import NotSignedIn


class CarriesUser(Protocol):
    @property
    def user(self) -> User | AnonymousUser: ...


def actor_of(request: CarriesUser) -> Actor:
    """The actor behind a request; suspended people are anonymous."""
    return actor_for(request.user)


def actor_for(user: User | AnonymousUser | None) -> Actor:
    if not isinstance(user, User) or not user.is_active:
        return ANONYMOUS
    return Actor(
        kind="person",
        id=user.id,
        name=user.username,
        is_platform_administrator=user.platform_role == PlatformRole.ADMINISTRATOR,
        is_auditor=user.platform_role == PlatformRole.AUDITOR,
    )


def signed_in_user(request: CarriesUser) -> User:
    """The row of the person who is signed in. Raises NotSignedIn."""
    if not isinstance(request.user, User) or not request.user.is_active:
        raise NotSignedIn
    return request.user
