import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.errors import Invalid
from portal.departments.models import Department, Workspace
from portal.retention.access import require_rule_rights, rule_to_change
from portal.retention.choices import DataKind
from portal.retention.models import MOST_DAYS, Rule


def proposed_rule(
    actor: Actor,
    days: int | None,
    *,
    department: Department | None = None,
    workspace: Workspace | None = None,
    kind: str = DataKind.CONVERSATIONS,
) -> Rule:
    """The rule as it would be stored; to look at what it would do.

    Raises:
        Forbidden: the actor may not set rules there.
        Invalid: the days are out of bounds, the kind is unknown, or two places are named.
    """
    require_rule_rights(actor, department, workspace)
    if kind not in DataKind.values:
        raise Invalid(_("There is no such kind of data."), code="unknown_kind", details={"field": "kind"})
    if department is not None and workspace is not None:
        raise Invalid(_("A rule is for a department or for a workspace, not for both."), code="two_places")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Invalid(
            _("Days must lie between 1 and %(most_days)s; without any, data stays for ever.")
            % {"most_days": f"{MOST_DAYS:,}"},
            code="bad_days",
            details={"field": "days"},
        )
    return Rule(kind=kind, department=department, workspace=workspace, days=days)


@transaction.atomic
def set_rule(
    actor: Actor,
    days: int | None,
    *,
    department: Department | None = None,
    workspace: Workspace | None = None,
    kind: str = DataKind.CONVERSATIONS,
) -> Rule:
    """Set the rule of a department or workspace, or of the whole company; ``days`` None keeps for ever.

    Raises as ``proposed_rule``.
    """
    wanted = proposed_rule(actor, days, department=department, workspace=workspace, kind=kind)
    stored = Rule.objects.select_for_update().filter(kind=kind, department=department, workspace=workspace).first()
    if stored is not None and stored.days == days:
        return stored
    before = {"before": stored.days or "for ever"} if stored else {}
    rule, _ = Rule.objects.update_or_create(
        kind=kind, department=department, workspace=workspace, defaults={"days": wanted.days}
    )
    record(
        actor,
        "retention.manage",
        _place(rule),
        details={"change": "set", "kind": kind, "days": days or "for ever"} | before,
    )
    return rule


@transaction.atomic
def remove_rule(actor: Actor, rule_id: uuid.UUID) -> None:
    """What is above holds there from now on. Raises as ``rule_to_change`` does."""
    rule = rule_to_change(actor, rule_id)
    details: dict[str, Any] = {"change": "removed", "kind": rule.kind, "before": rule.days or "for ever"}
    record(actor, "retention.manage", _place(rule), details=details)
    rule.delete()


def _place(rule: Rule) -> Target:
    if rule.workspace_id:
        return Target("workspace", rule.workspace_id)
    return Target("department", rule.department_id) if rule.department_id else Target("company")
