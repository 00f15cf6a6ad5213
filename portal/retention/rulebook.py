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
        self.rules = list(rules)
        self.departments = {department.pk: department for department in departments}
        self.workspaces = {workspace.pk: workspace for workspace in workspaces}
        self._of_department: dict[str, InForce] = {}
        self._of_workspace: dict[uuid.UUID, InForce] = {}
        self._of_company = NONE
        for rule in self.rules:
            if rule.workspace_id in self.workspaces:
                self._of_workspace[rule.workspace_id] = InForce(rule, self.workspaces[rule.workspace_id].name)
            elif rule.department_id in self.departments:
                department = self.departments[rule.department_id]
                self._of_department[department.path] = InForce(rule, department.name)
            elif rule.workspace_id is None and rule.department_id is None:
                self._of_company = InForce(rule)

    @classmethod
    def read(cls, kind: str) -> Self:
        """As stored."""
        workspaces = Workspace.objects.order_by("department__path", "name")
        return cls(Rule.objects.filter(kind=kind), Department.objects.order_by("path"), workspaces)

    def without(self, removed: Rule) -> Self:
        """As if the rule were not stored."""
        return self._with_rules(rule for rule in self.rules if rule.pk != removed.pk)

    def having(self, saved: Rule) -> Self:
        """As if the rule were stored, in the place of the one that is there."""
        place = (saved.department_id, saved.workspace_id)
        return self._with_rules(
            [*(rule for rule in self.rules if (rule.department_id, rule.workspace_id) != place), saved]
        )

    def _with_rules(self, rules: Iterable[Rule]) -> Self:
        return type(self)(rules, self.departments.values(), self.workspaces.values())

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
