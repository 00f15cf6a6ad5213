"""Which rule holds where: the nearest. A workspace's own, else its department's, else the next above, else the
company's; without any, data is kept."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from portal.departments.models import Department, Workspace
from portal.retention.models import Rule


@dataclass(frozen=True, slots=True)
class InForce:
    """``source`` is the name of the department or workspace whose rule it is; empty: the company's, or none."""

    rule: Rule | None = None
    source: str = ""

    @property
    def days(self) -> int | None:
        return self.rule.days if self.rule else None


NONE = InForce()


class RuleBook:
    """All rules of a kind as they are at one moment."""

    def __init__(
        self, rules: Iterable[Rule], departments: Iterable[Department], workspaces: Iterable[Workspace]
    ) -> None:
        self.departments = {department.pk: department for department in departments}
        self.workspaces = {workspace.pk: workspace for workspace in workspaces}
        self._of_department: dict[str, InForce] = {}
        self._of_workspace: dict[uuid.UUID, InForce] = {}
        self._of_company = NONE
        for rule in rules:
            if rule.workspace_id in self.workspaces:
                self._of_workspace[rule.workspace_id] = InForce(rule, self.workspaces[rule.workspace_id].name)
            elif rule.department_id in self.departments:
                department = self.departments[rule.department_id]
                self._of_department[department.path] = InForce(rule, department.name)
            elif rule.workspace_id is None and rule.department_id is None:
                self._of_company = InForce(rule)

    @classmethod
    def read(cls, kind: str, *, without: uuid.UUID | None = None, with_rule: Rule | None = None) -> Self:
        """As stored; ``without`` a rule, and ``with_rule`` as if that one were stored, to see what a change does."""
        rules = [rule for rule in Rule.objects.filter(kind=kind) if rule.pk != without]
        if with_rule is not None:
            place = (with_rule.department_id, with_rule.workspace_id)
            rules = [rule for rule in rules if (rule.department_id, rule.workspace_id) != place] + [with_rule]
        return cls(rules, Department.objects.order_by("path"), Workspace.objects.order_by("department__path", "name"))

    def for_department(self, department_id: uuid.UUID) -> InForce:
        path: str = self.departments[department_id].path
        for end in range(len(path), 0, -Department.steplen):
            found = self._of_department.get(path[:end])
            if found is not None:
                return found
        return self._of_company

    def for_workspace(self, workspace_id: uuid.UUID) -> InForce:
        own = self._of_workspace.get(workspace_id)
        return own or self.for_department(self.workspaces[workspace_id].department_id)

    def days(self) -> Mapping[uuid.UUID, int]:
        """Of each workspace whose data does not stay for ever."""
        found = {workspace: self.for_workspace(workspace).days for workspace in self.workspaces}
        return {workspace: days for workspace, days in found.items() if days is not None}
