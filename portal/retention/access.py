"""Who may see and set rules of retention, and who may place and release legal holds."""

import uuid

from django.db.models import Exists, F, OuterRef
from django.db.models.lookups import StartsWith

from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound
from portal.departments.choices import Role
from portal.departments.models import Department, Membership, Workspace
from portal.retention.models import Rule


def may_set_rule(actor: Actor, department: Department | None) -> bool:
    """Platform administrators, and managers of the department or of one above it; None is the whole company."""
    if _runs_the_appliance(actor):
        return True
    return department is not None and department.pk in _managed(actor)


def ruled_departments(actor: Actor) -> set[uuid.UUID] | None:
    """Those of which the actor may set the rules, for lists; None: all, and the company's."""
    return None if _runs_the_appliance(actor) else _managed(actor)


def seen_departments(actor: Actor) -> set[uuid.UUID] | None:
    """Those whose rules the actor may see: his, and auditors see all."""
    return None if actor.is_auditor else ruled_departments(actor)


def _managed(actor: Actor) -> set[uuid.UUID]:
    """By the paths as they are stored now: the caller's copies may be older than a move."""
    if not actor.is_person:
        return set()
    managed = Membership.objects.filter(
        StartsWith(OuterRef("path"), F("department__path")), person_id=actor.id, role=Role.MANAGER
    )
    return set(Department.objects.filter(Exists(managed)).values_list("pk", flat=True))


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


def rule_place(
    actor: Actor, department_id: uuid.UUID | None, workspace_id: uuid.UUID | None
) -> tuple[Department | None, Workspace | None]:
    """The department and workspace by their ids; what the actor may not rule is missing. Raises NotFound, Forbidden."""
    workspace = Workspace.objects.select_related("department").filter(pk=workspace_id).first() if workspace_id else None
    department: Department | None = Department.objects.filter(pk=department_id).first() if department_id else None
    if (workspace_id and workspace is None) or (department_id and department is None):
        raise NotFound
    if workspace is None and department is None:
        require_rule_rights(actor, None, None)
    elif not all(may_set_rule(actor, place) for place in (department, workspace and workspace.department) if place):
        raise NotFound
    return department, workspace


def rule_to_change(actor: Actor, rule_id: uuid.UUID) -> Rule:
    """Raises NotFound: missing, or not the actor's to change."""
    rule = Rule.objects.select_related("department", "workspace__department").filter(pk=rule_id).first()
    if rule is None or not may_set_rule(actor, rule.workspace.department if rule.workspace else rule.department):
        raise NotFound
    return rule
