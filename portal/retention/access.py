"""Who may see and set rules of retention, and who may place and release legal holds."""

import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.audit.scene import because, because_of_department, because_of_platform_role
from portal.core.actor import Actor
from portal.core.catalogue import WORKSPACE
from portal.core.errors import Forbidden, NotFound
from portal.departments.authority import is_unbound, require_at, require_on, require_platform
from portal.departments.ceiling import require_throughout
from portal.departments.models import KINDS, Department, Workspace
from portal.retention.models import Rule

RIGHT = "retention.manage"


@dataclass(frozen=True, slots=True)
class Ruled:
    """The places whose rules somebody may set or see."""

    departments: frozenset[uuid.UUID] = frozenset()
    workspaces: frozenset[uuid.UUID] = frozenset()
    everything: bool = False

    def has(self, department: uuid.UUID | None, workspace: uuid.UUID | None = None) -> bool:
        return self.everything or (workspace in self.workspaces if workspace else department in self.departments)


def ruled_places(actor: Actor) -> Ruled:
    """Those where the actor may set rules; of the whole company only platform administrators may."""
    because_of_department(actor)
    if is_unbound(actor):
        return Ruled(everything=True)
    if not actor.is_person:
        return Ruled()
    return Ruled(
        frozenset(Department.visible.allowed(actor, RIGHT).values_list("pk", flat=True)),
        frozenset(Workspace.objects.allowed(actor, RIGHT).values_list("pk", flat=True)),
    )


def seen_places(actor: Actor) -> Ruled:
    """Those whose rules the actor may see: where he sets them, and auditors everywhere."""
    if not actor.is_auditor:
        return ruled_places(actor)
    because_of_platform_role(actor)
    return Ruled(everything=True)


def require_rule_rights(actor: Actor, department: Department | None, workspace: Workspace | None) -> None:
    """Raises NotFound: the actor does not see the place. Forbidden: he sees it, and may not set its rules.

    A department's rule counts below it too, so it takes the right there as well: what is denied to him at one workspace
    he does not do from above.
    """
    if workspace is not None:
        require_on(actor, RIGHT, KINDS[WORKSPACE], workspace, seen_by="workspace.view")
    if department is not None or workspace is None:
        require_at(actor, RIGHT, department)
    if department is not None:
        require_throughout(actor, [RIGHT], department)


def rule_place(
    actor: Actor, department_id: uuid.UUID | None, workspace_id: uuid.UUID | None
) -> tuple[Department | None, Workspace | None]:
    """The department and workspace by their ids. Raises as ``require_rule_rights``."""
    workspace = Workspace.objects.filter(pk=workspace_id).first() if workspace_id else None
    department: Department | None = Department.objects.filter(pk=department_id).first() if department_id else None
    if (workspace_id and workspace is None) or (department_id and department is None):
        raise NotFound
    require_rule_rights(actor, department, workspace)
    return department, workspace


def rule_to_change(actor: Actor, rule_id: uuid.UUID) -> Rule:
    """Raises NotFound: missing, or not the actor's to see. Forbidden: it counts where he may not set rules."""
    rule = Rule.objects.select_related("department", "workspace").filter(pk=rule_id).first()
    if rule is None or not ruled_places(actor).has(rule.department_id, rule.workspace_id):
        raise NotFound
    require_rule_rights(actor, rule.department, rule.workspace)
    return rule


def may_see_holds(actor: Actor) -> bool:
    because_of_platform_role(actor)
    return is_unbound(actor) or actor.is_auditor


def require_hold_rights(actor: Actor, held_person: uuid.UUID | None) -> None:
    """Raises Forbidden: no platform administrator, or the person who is held."""
    require_platform(actor)
    if held_person is not None and held_person == actor.id:
        raise Forbidden(_("Another administrator has to place or release a hold on you."), code="held_oneself")


def require_erasing_rights(actor: Actor, person_id: uuid.UUID) -> None:
    """Raises Forbidden: no platform administrator, or the person to be erased."""
    require_platform(actor)
    if actor.id == person_id:
        raise Forbidden(_("Another administrator has to erase you."), code="erase_oneself")


def require_export_rights(actor: Actor, person_id: uuid.UUID) -> None:
    """An export holds content: it is for the person, and for the machine's operator. Raises Forbidden."""
    if actor.kind != "system" and actor.id != person_id:
        raise Forbidden
    because("own_account")
