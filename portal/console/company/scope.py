"""What whoever asks administers: the part of the company that the console's pages show."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from portal.accounts.door import actor_of
from portal.accounts.models import User
from portal.audit.scene import because, because_of_department
from portal.console.doors import standing_for
from portal.core.actor import Actor
from portal.core.catalogue import RIGHTS
from portal.core.errors import NotFound
from portal.departments.models import Department, Membership, Workspace, WorkspaceQuerySet
from portal.departments.standing import Standing

# To see a department is no administration of it; whoever holds one of these there has its pages.
ADMINISTRATIVE = frozenset(name for name, right in RIGHTS.items() if right.administrative) - {"department.view"}


@dataclass(frozen=True, slots=True)
class Scope:
    actor: Actor
    standing: Standing

    @property
    def is_whole(self) -> bool:
        """A platform administrator's: everything."""
        return self.actor.is_platform_administrator

    def rights_at(self, department: Department) -> frozenset[str]:
        return self.standing.at(department.path)

    def administers(self, department: Department) -> bool:
        return bool(self.rights_at(department) & ADMINISTRATIVE)

    def departments(self, *rights: str) -> list[Department]:
        """Those that he administers in any way, or with one of the rights; in the order of the tree."""
        wanted = frozenset(rights) or ADMINISTRATIVE
        found: Iterable[Department] = Department.objects.filter(self._covered()).order_by("path")
        return [department for department in found if self.rights_at(department) & wanted]

    def department(self, department_id: uuid.UUID) -> Department:
        """Raises NotFound: there is none, or he does not administer it in any way."""
        found: Department | None = Department.objects.filter(pk=department_id).first()
        if found is None or not self.administers(found):
            raise NotFound
        because_of_department(self.actor)
        return found

    def above(self, department: Department) -> list[Department]:
        """The way down to a department, as far as he administers it."""
        paths = [department.path[:end] for end in range(Department.steplen, len(department.path), Department.steplen)]
        return [one for one in Department.objects.filter(path__in=paths).order_by("path") if self.administers(one)]

    def workspaces(self) -> WorkspaceQuerySet:
        """Archived ones too."""
        managed = Workspace.objects.allowed(self.actor, "workspace.manage")
        return managed | Workspace.objects.allowed(self.actor, "grant.manage")

    def workspace(self, workspace_id: uuid.UUID) -> Workspace:
        """Raises NotFound: there is none, or he administers it in no way."""
        known = self.workspaces().with_reason(self.actor, "workspace.manage", "grant.manage")
        found = known.select_related("department").filter(pk=workspace_id).first()
        if found is None:
            raise NotFound
        because(found.allowed_by)
        return found

    def people(self) -> QuerySet[User]:
        """Those with a role in a department whose people or rights he administers; a platform administrator's: all."""
        if self.is_whole:
            return User.objects.order_by("username")
        places = Department.visible.allowed(self.actor, "membership.manage")
        places |= Department.visible.allowed(self.actor, "grant.manage")
        inside = Membership.objects.filter(department__in=places.order_by().values("pk")).values("person")
        return User.objects.filter(pk__in=inside).order_by("username")

    def person(self, person_id: uuid.UUID) -> User:
        """Raises NotFound."""
        found = self.people().filter(pk=person_id).first()
        if found is None:
            raise NotFound
        because_of_department(self.actor)
        return found

    def _covered(self) -> Q:
        """Of departments: those at or below one where he has a role by which he administers."""
        if self.is_whole:
            return Q()
        tops = [held.department.path for held in self.standing.held if held.rights & ADMINISTRATIVE]
        covered = Q(pk__in=[])
        for path in tops:
            covered |= Q(path__startswith=path)
        return covered


def scope_of(request: HttpRequest) -> Scope:
    return Scope(actor_of(request), standing_for(request))
