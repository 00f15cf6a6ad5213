"""Workspaces: made, changed, moved and archived by whoever manages those of a department."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.catalogue import WORKSPACE
from portal.core.errors import Invalid, NotFound
from portal.core.text import clean_text
from portal.departments.authority import one_change_at_a_time, require_at, require_on
from portal.departments.ceiling import nobody_gains
from portal.departments.models import KINDS, Department, Workspace

NAME_LENGTH, PURPOSE_LENGTH = 120, 300


@transaction.atomic
def create_workspace(actor: Actor, department: Department, name: str, purpose: str = "") -> Workspace:
    """Raises NotFound, Forbidden; Invalid: the department already has a workspace of this name."""
    require_at(actor, "workspace.manage", department)
    cleaned = _free_name(department, name)
    workspace = Workspace.objects.create(department=department, name=cleaned, purpose=_purpose(purpose))
    record(actor, "workspace.manage", Target("workspace", workspace.pk), details={"change": "created"})
    return workspace


@transaction.atomic
def change_workspace(actor: Actor, workspace: Workspace, name: str, purpose: str) -> None:
    """Raises NotFound, Forbidden; Invalid: the department already has a workspace of this name."""
    current = _managed(actor, workspace)
    if (current.name, current.purpose) == (name, purpose):
        return
    current.name, current.purpose = _free_name(current.department, name, but=current), _purpose(purpose)
    current.save(update_fields=["name", "purpose"])
    record(actor, "workspace.manage", Target("workspace", workspace.pk), details={"change": "fields"})


@transaction.atomic
def move_workspace(actor: Actor, workspace: Workspace, department: Department) -> None:
    """Into another department: the roles there reach it from now on, those of the old one no longer do.

    Raises:
        NotFound: the actor does not see one of the two.
        Forbidden: he does not manage workspaces in both, or somebody would gain a right there that he does not hold.
        Invalid: there is a workspace of this name already.
    """
    one_change_at_a_time()
    current = _managed(actor, workspace)
    require_at(actor, "workspace.manage", department)
    if current.department_id == department.pk:
        return
    _free_name(department, current.name)
    before, current.department = current.department_id, department
    with nobody_gains(actor, workspace=current):
        current.save(update_fields=["department"])
    details = {"change": "moved", "from": str(before), "to": str(department.pk)}
    record(actor, "workspace.manage", Target("workspace", workspace.pk), details=details)


@transaction.atomic
def archive_workspace(actor: Actor, workspace: Workspace, archived: bool = True) -> None:
    """Close the workspace for everyone, or open it again; its conversations stay. Doing it twice changes nothing."""
    current = _managed(actor, workspace)
    if current.archived == archived:
        return
    current.archived = archived
    current.save(update_fields=["archived"])
    change = "archived" if archived else "restored"
    record(actor, "workspace.manage", Target("workspace", workspace.pk), details={"change": change})


def _managed(actor: Actor, workspace: Workspace) -> Workspace:
    require_on(actor, "workspace.manage", KINDS[WORKSPACE], workspace, seen_by="workspace.view")
    current = Workspace.objects.select_for_update().filter(pk=workspace.pk).first()
    if current is None:
        raise NotFound
    return current


def _free_name(department: Department, name: str, but: Workspace | None = None) -> str:
    cleaned = clean_text(name, limit=NAME_LENGTH, name="name")
    others = Workspace.objects.filter(department=department, name=cleaned)
    if others.exclude(pk=but.pk).exists() if but else others.exists():
        raise Invalid(_("The department already has a workspace of this name."), code="name_taken")
    return cleaned


def _purpose(text: str) -> str:
    return clean_text(text, limit=PURPOSE_LENGTH, name="purpose") if text.strip() else ""
