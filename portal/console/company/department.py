"""A department: its people and their roles, its workspaces, what is denied in it, and what one may do there oneself."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, QuerySet, Value
from django.db.models.lookups import StartsWith
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.console.company.base import PAGE_LENGTH, Pages, scope_and_department, trail_through, url
from portal.console.company.forms import matching
from portal.console.company.scope import Scope
from portal.core.catalogue import RIGHTS
from portal.departments.models import Department, Membership, Workspace
from portal.departments.on_object import denials_on
from portal.departments.standing import standing_of
from portal.departments.targets import name_of_subject


@dataclass(frozen=True, slots=True)
class Line:
    """A person with the roles that are given at the department or, where those below it are shown too, inside it."""

    person: User
    memberships: tuple[Membership, ...]
    here: bool


class DepartmentPages(Pages):
    def urls(self) -> list[URLPattern]:
        return [self.open("departments/<uuid:department_id>/", self.department, "department", "department.view")]

    def department(self, request: HttpRequest, department_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        rights = scope.rights_at(department)
        may = {name.replace(".", "_"): name in rights for name in RIGHTS}
        sees_people = may["membership_manage"] or may["grant_manage"]
        asked, below = request.GET.get("q", "").strip()[:150].replace("\0", ""), "below" in request.GET
        inside = _inside(scope, department, below=below)
        page = _people(inside, asked, request.GET.get("page", "1")) if sees_people else None
        above = scope.above(department)
        own = standing_of(scope.actor).at(department.path) if scope.is_whole else rights
        return self.show(
            request,
            "department",
            department.name,
            department=department,
            trail=trail_through(above),
            may=may,
            why=f"{url('why')}?about=department:{department.pk}",
            moves=scope.is_whole or any("department.manage" in scope.rights_at(one) for one in above[-1:]),
            own=[RIGHTS[name] for name in RIGHTS if name in own],
            page=page,
            lines=_lines(department, page, inside) if page else [],
            asked=asked,
            below=below,
            me=scope.actor.id,
            inherited=_above(department) if sees_people else [],
            workspaces=list(_workspaces(scope, department).order_by("archived", "name")),
            children=[
                one
                for one in Department.objects.filter(
                    depth=department.depth + 1, path__startswith=department.path
                ).order_by("path")
                if scope.administers(one)
            ],
            denials=_denials(department) if may["grant_manage"] else [],
        )


def _inside(scope: Scope, department: Department, *, below: bool) -> QuerySet[Membership]:
    """Roles at the department, and if asked at those below it whose people or rights he administers too."""
    if not below:
        return Membership.objects.filter(department=department)
    found = Membership.objects.filter(department__path__startswith=department.path)
    if scope.is_whole:
        return found
    places = Department.visible.allowed(scope.actor, "membership.manage")
    places |= Department.visible.allowed(scope.actor, "grant.manage")
    return found.filter(department__in=places.order_by().values("pk"))


def _workspaces(scope: Scope, department: Department) -> QuerySet[Workspace]:
    """Those that he administers, or may open."""
    found = scope.workspaces() | Workspace.objects.visible_to(scope.actor)
    return found.filter(department=department)


def _people(inside: QuerySet[Membership], asked: str, number: str) -> Page[User]:
    found = User.objects.filter(pk__in=inside.values("person"))
    if asked:
        found = matching(found, asked)
    return Paginator(found.order_by("username"), PAGE_LENGTH).get_page(number)


def _lines(department: Department, page: Page[User], inside: QuerySet[Membership]) -> list[Line]:
    people = list(page.object_list)
    by_person: dict[Any, list[Membership]] = defaultdict(list)
    rows = inside.filter(person__in=people).select_related("role", "department")
    for membership in rows.order_by("department__path", "role__name"):
        by_person[membership.person_id].append(membership)
    return [
        Line(
            person,
            tuple(by_person[person.pk]),
            any(membership.department_id == department.pk for membership in by_person[person.pk]),
        )
        for person in people
    ]


def _denials(department: Department) -> list[dict[str, Any]]:
    return [
        {
            "id": denial.id,
            "name": name_of_subject(denial.subject),
            "what": _(RIGHTS[denial.right].description) if denial.right else _("Everything"),
            "reason": denial.reason,
        }
        for denial in denials_on(department)
    ]


def _above(department: Department) -> Sequence[Mapping[str, Any]]:
    """Roles that are given above the department and reach it, with how many people have them."""
    reaching = Membership.objects.filter(StartsWith(Value(department.path), F("department__path")))
    return list(
        reaching.exclude(department=department)
        .values("department__name", "role__name")
        .annotate(people=Count("person", distinct=True))
        .order_by("department__name", "role__name")
    )
