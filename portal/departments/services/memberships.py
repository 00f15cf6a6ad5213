"""People in departments: invited, given roles, moved and taken out again."""

from collections.abc import Mapping

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.services import add_invited
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.departments.authority import refuse_own, require_at, require_held_at
from portal.departments.models import Department, Membership, Role
from portal.departments.services.roles import role_rights


@transaction.atomic
def give_role(actor: Actor, person: User, department: Department, role: Role) -> Membership:
    """Give a person a role at a department; it counts for the subtree. Giving it twice changes nothing.

    Raises:
        NotFound: the actor does not see the department.
        Forbidden: he does not administer its people, the role holds a right that he does not hold there, or the
            person is himself.
    """
    require_at(actor, "membership.manage", department)
    refuse_own(actor, person)
    require_held_at(actor, role_rights(role), department)
    membership, created = Membership.objects.get_or_create(person=person, department=department, role=role)
    if created:
        _record(actor, "role given", person, department, role)
    return membership


@transaction.atomic
def take_role(actor: Actor, person: User, department: Department, role: Role) -> None:
    """Raises NotFound, Forbidden. Taking what is not there changes nothing."""
    require_at(actor, "membership.manage", department)
    deleted, _ = Membership.objects.filter(person=person, department=department, role=role).delete()
    if deleted:
        _record(actor, "role taken", person, department, role)


@transaction.atomic
def take_out(actor: Actor, person: User, department: Department) -> None:
    """Take a person out of a department and of those below it: every role there ends. Raises NotFound, Forbidden."""
    require_at(actor, "membership.manage", department)
    inside = Membership.objects.filter(person=person, department__path__startswith=department.path)
    for membership in inside.select_related("department", "role"):
        take_role(actor, person, membership.department, membership.role)


@transaction.atomic
def move_person(actor: Actor, person: User, source: Department, target: Department) -> None:
    """The roles of a person at one department become his at another. Raises as ``give_role`` and ``take_role``."""
    for membership in Membership.objects.filter(person=person, department=source).select_related("role"):
        give_role(actor, person, target, membership.role)
        take_role(actor, person, source, membership.role)


@transaction.atomic
def invite_person(actor: Actor, values: Mapping[str, str], department: Department, role: Role) -> User:
    """A new person with a role at a department, who chooses a password by the link of the invitation.

    Raises:
        NotFound, Forbidden: as ``give_role``.
        Invalid: a field is unknown or malformed, or the name is taken.
    """
    require_giving(actor, department, role)
    person = add_invited(actor, values)
    give_role(actor, person, department, role)
    return person


def require_giving(actor: Actor, department: Department, role: Role) -> None:
    """The right to give a role at a department to others. Raises as ``give_role`` does."""
    require_at(actor, "membership.manage", department)
    require_held_at(actor, role_rights(role), department)


def _record(actor: Actor, change: str, person: User, department: Department, role: Role) -> None:
    details = {"change": change, "person": str(person.pk), "role": str(role.pk)}
    record(actor, "membership.manage", Target("department", department.pk), details=details)
