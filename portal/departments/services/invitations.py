"""Invitations with their links, and new links for people who have no password yet."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from portal.accounts.choices import PlatformRole
from portal.accounts.invitations import Invitation, issue_invitation
from portal.accounts.models import User
from portal.accounts.selectors import person_called
from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound
from portal.departments.access import require_anywhere
from portal.departments.authority import is_unbound, one_change_at_a_time, require_held_on
from portal.departments.models import KINDS, Department, Role
from portal.departments.selectors import departments_of
from portal.departments.services.memberships import invite_person, require_giving


@transaction.atomic
def invite_with_link(
    actor: Actor, values: Mapping[str, str], department: Department, role: Role
) -> tuple[User, Invitation]:
    """Raises as ``invite_person`` does."""
    person = invite_person(actor, values, department, role)
    return person, issue_invitation(actor, person)


@transaction.atomic
def renew_invitation(actor: Actor, name: str) -> tuple[User, Invitation]:
    """A new link for a person without a password; older ones end.

    Whoever has the link becomes the person, so the actor must be one who could have given the person everything that
    he has by now.

    Raises:
        NotFound: there is no such person in the departments whose people the actor manages.
        Forbidden: the person has more than the actor may give.
        Conflict: the person has a password, or is suspended.
    """
    one_change_at_a_time()
    managed = require_anywhere(actor, "membership.manage")
    person = person_called(name)
    if not is_unbound(actor):
        held = list(departments_of(person))
        places = {membership.department_id for membership in held}
        if not places or managed.filter(pk__in=places).count() != len(places):
            raise NotFound(_("There is no such person."))
        if person.platform_role != PlatformRole.NONE:
            raise Forbidden
        for membership in held:
            require_giving(actor, membership.department, membership.role)
        _require_grants(actor, person)
    return person, issue_invitation(actor, person)


def _require_grants(actor: Actor, person: User) -> None:
    """Raises Forbidden: something was given to the person that the actor does not hold."""
    for kind in KINDS.values():
        grants = kind.person_grants.objects.filter(user=person).select_related("content_object", "permission")
        for grant in grants:
            require_held_on(actor, [grant.permission.codename], kind, grant.content_object)
