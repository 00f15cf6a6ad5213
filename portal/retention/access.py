"""Who may see and set rules of retention, and who may place and release legal holds."""

import uuid

from portal.core.actor import Actor
from portal.core.errors import Forbidden
from portal.departments.choices import Role
from portal.departments.models import Department, Membership, Workspace


def may_set_rule(actor: Actor, department: Department | None) -> bool:
    """Platform administrators, and managers of the department or of one above it; None is the whole company."""
    if _runs_the_appliance(actor):
        return True
    if department is None or not actor.is_person:
        return False
    managed = Membership.objects.filter(person_id=actor.id, role=Role.MANAGER).values_list("department__path", flat=True)
    return any(department.path.startswith(path) for path in managed)


def require_rule_rights(actor: Actor, department: Department | None, workspace: Workspace | None) -> None:
    """Raises Forbidden."""
    if not may_set_rule(actor, workspace.department if workspace else department):
        raise Forbidden


def may_see_holds(actor: Actor) -> bool:
    return _runs_the_appliance(actor) or actor.is_auditor


def require_hold_rights(actor: Actor, held_person: uuid.UUID | None) -> None:
    """Raises Forbidden: no platform administrator, or the person who is held."""
    if not _runs_the_appliance(actor):
        raise Forbidden
    if held_person is not None and held_person == actor.id:
        raise Forbidden("Another administrator has to place or release a hold on you.", code="held_oneself")


def require_erasing_rights(actor: Actor, person_id: uuid.UUID) -> None:
    """Raises Forbidden: no platform administrator, or the person to be erased."""
    if not _runs_the_appliance(actor):
        raise Forbidden
    if actor.id == person_id:
        raise Forbidden("Another administrator has to erase you.", code="erase_oneself")


def require_export_rights(actor: Actor, person_id: uuid.UUID) -> None:
    """An export holds content: it is for the person, and for the machine's operator. Raises Forbidden."""
    if actor.kind != "system" and actor.id != person_id:
        raise Forbidden


def _runs_the_appliance(actor: Actor) -> bool:
    return actor.kind == "system" or actor.is_platform_administrator
