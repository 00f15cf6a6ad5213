"""People in departments: invited, given roles, moved and taken out again."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.services import add_invited
from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.departments.authority import one_change_at_a_time, refuse_own, require_at, require_held_at
from portal.departments.ceiling import no_denial_ends, require_throughout, require_what_role_opens
from portal.departments.models import Department, Membership, Role
from portal.departments.services.roles import role_rights


@transaction.atomic
def give_role(actor: Actor, person: User, department: Department, role: Role) -> Membership:
    """Give a person a role at a department; it counts for the subtree. Giving it twice changes nothing.

    Raises:
        NotFound: the actor does not see the department.
        Forbidden: he does not administer its people, the role holds a right that he does not hold there and below, or
            has a grant of one, or the person is himself.
    """
    one_change_at_a_time()
    refuse_own(actor, person)
    require_giving(actor, department, role)
    membership, created = Membership.objects.get_or_create(person=person, department=department, role=role)
    if created:
        _record(actor, "role given", person, department, role)
    return membership


@transaction.atomic
def take_role(actor: Actor, person: User, department: Department, role: Role) -> None:
    """Taking what is not there changes nothing.

    Raises:
        NotFound: the actor does not see the department.
        Forbidden: he does not administer its people, or a denial goes by the role that covers himself, or that keeps
            the person from what the actor does not hold.
    """
    one_change_at_a_time()
    require_at(actor, "membership.manage", department)
    _take(actor, person, Membership.objects.filter(department=department, role=role))


@transaction.atomic
def take_out(actor: Actor, person: User, department: Department) -> None:
    """Take a person out of a department and of those below it: every role there ends. Raises as ``take_role``."""
    one_change_at_a_time()
    require_at(actor, "membership.manage", department)
    path = Department.objects.values_list("path", flat=True).get(pk=department.pk)
    inside = Membership.objects.filter(department__path__startswith=path)
    for below in Department.objects.filter(memberships__in=inside.filter(person=person)).distinct():
        require_at(actor, "membership.manage", below)
    _take(actor, person, inside)


@transaction.atomic
def move_person(actor: Actor, person: User, source: Department, target: Department) -> None:
    """The roles of a person at one department become his at another. Raises as ``give_role`` and ``take_role``."""
    one_change_at_a_time()
    if source.pk == target.pk:
        return
    standing = Membership.objects.filter(person=person, department=source)
    for membership in standing.select_related("role"):
        give_role(actor, person, target, membership.role)
    require_at(actor, "membership.manage", source)
    _take(actor, person, standing)


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
    one_change_at_a_time()
    require_at(actor, "membership.manage", department)
    _require_role(actor, department, role)


def _require_role(actor: Actor, department: Department, role: Role) -> None:
    rights = role_rights(role)
    require_held_at(actor, rights, department)
    require_throughout(actor, rights, department)
    require_what_role_opens(actor, role)


def _take(actor: Actor, person: User, memberships: QuerySet[Membership]) -> None:
    found = list(memberships.filter(person=person).select_related("department", "role"))
    with no_denial_ends(actor, [person.pk]):
        Membership.objects.filter(pk__in=[membership.pk for membership in found]).delete()
    for membership in found:
        _record(actor, "role taken", person, membership.department, membership.role)


def _record(actor: Actor, change: str, person: User, department: Department, role: Role) -> None:
    details = {"change": change, "person": str(person.pk), "role": str(role.pk)}
    record(actor, "membership.manage", Target("department", department.pk), details=details)
