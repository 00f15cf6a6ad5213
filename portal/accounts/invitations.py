"""Links by which invited people choose their first password: valid for three days, once, and never for anybody else."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.accounts.services import check_password_strength
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.errors import Conflict, NotFound


class InvitationTokens(PasswordResetTokenGenerator):
    """Django's tokens, for people who have no password yet; choosing one, or a newer link, ends those before it."""

    key_salt = "portal.accounts.invitations"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        # Whoever made the link could not give a platform role: links from before it was given end.
        return f"{super()._make_hash_value(user, timestamp)}{user.platform_role}"

    def check_token(self, user: User | None, token: str | None) -> bool:
        invited = user is not None and user.is_active and not user.has_usable_password()
        return invited and super().check_token(user, token)


tokens = InvitationTokens()


@dataclass(frozen=True, slots=True)
class Invitation:
    """The two parts of the link. Whoever has them becomes the person, so they are shown once and not kept."""

    uid: str
    token: str


def issue_invitation(actor: Actor, person: User) -> Invitation:
    """In the transaction of the caller, who has checked that the actor may invite this person.

    Raises:
        Conflict: the person has a password, or is suspended.
    """
    current = User.objects.select_for_update().get(pk=person.pk)
    if current.has_usable_password():
        raise Conflict(_("This person has a password already."), code="password_set")
    if not current.is_active:
        raise Conflict(_("This person is suspended."), code="suspended")
    # An unusable password is a random text, which tokens depend on: older links end here.
    current.set_unusable_password()
    current.save(update_fields=["password"])
    record(actor, "invitation.issue", Target("person", person.pk))
    return Invitation(urlsafe_base64_encode(force_bytes(current.pk)), tokens.make_token(current))


@transaction.atomic
def accept_invitation(person_id: uuid.UUID, token: str | None, password: str) -> None:
    """Give the invited person the password that he chose.

    Raises:
        NotFound: the link is used, too old, or was never one.
        Invalid: the password is too weak.
    """
    current = User.objects.select_for_update().filter(pk=person_id).first()
    if current is None or not tokens.check_token(current, token):
        raise NotFound
    check_password_strength(current, password)
    current.set_password(password)
    current.save(update_fields=["password"])
    record(actor_for(current), "invitation.accept", Target("person", current.pk), reason="invitation")
