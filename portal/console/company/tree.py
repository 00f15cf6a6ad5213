"""The tree of departments: looked at, moved by dragging or by choosing, renamed, added to and removed."""

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.console.company.base import Pages, department_url, scope_and_department, trail_of, url
from portal.console.company.change import Change
from portal.console.company.forms import TOP, DepartmentField, text_field
from portal.console.company.scope import Scope, scope_of
from portal.core.errors import NotFound
from portal.departments.models import Department, Membership, Workspace
from portal.departments.preview import reach_of_department
from portal.departments.services.tree import (
    NAME_LENGTH,
    create_department,
    department_content,
    move_department,
    remove_department,
    rename_department,
)

UNFOLDED = 150
"""A tree of more departments comes with its two upper levels; what is below one is fetched when it is opened."""
MOST_ROWS = 200
"""Of one answer; it says how many more there are, which are found by their names."""


@dataclass(frozen=True, slots=True)
class Row:
    department: Department
    level: int
    above: str
    children: int
    people: int
    workspaces: int
    manages: bool
    moves: bool


class TreePages(Pages):
    def urls(self) -> list[URLPattern]:
        one = "departments/<uuid:department_id>/"
        return [
            self.open("departments/", self.tree, "departments", "department.list"),
            self.open("departments/new/", self.add, "department_add", "department.manage"),
            self.open(f"{one}rename/", self.rename, "department_rename", "department.manage"),
            self.open(f"{one}move/", self.move, "department_move", "department.manage"),
            self.open(f"{one}remove/", self.remove, "department_remove", "department.manage"),
        ]

    def tree(self, request: HttpRequest) -> HttpResponse:
        """With ``?below=`` or ``?find=`` only rows: those below one, or those called so and the way to them."""
        scope = scope_of(request)
        rows = _rows(scope)
        lazy = len(rows) > UNFOLDED
        below, asked = request.GET.get("below"), request.GET.get("find")
        if below is not None:
            shown = _below(rows, below)
        elif asked is not None:
            shown = _found(rows, asked.strip()[:150])
        else:
            shown = [row for row in rows if row.level <= 2] if lazy else rows
        parts = {"rows": shown[:MOST_ROWS], "rest": max(len(shown) - MOST_ROWS, 0)}
        if below is not None or asked is not None:
            return render(request, "console/company/_tree_rows.html", parts)
        depth = max((row.level for row in rows), default=0)
        more = {"depth": 2 if lazy else depth, "lazy": lazy, "whole": scope.is_whole}
        return self.show(request, "tree", _("Departments"), **parts, **more)

    def add(self, request: HttpRequest) -> HttpResponse:
        scope = scope_of(request)
        places = scope.departments("department.manage")
        under = request.GET.get("under", "")

        def form(given: Any) -> forms.Form:
            made = forms.Form(given, initial={"parent": under or (TOP if scope.is_whole else "")})
            made.fields["name"] = text_field(_("Name"), NAME_LENGTH)
            made.fields["parent"] = DepartmentField(places, top=scope.is_whole, label=_("Under"))
            return made

        change = Change(
            title=_("Add a department"),
            form=form,
            act=lambda values: create_department(scope.actor, values["name"], _place(values["parent"])),
            done=_("The department is there."),
            back=url("departments"),
            verb=_("Add"),
            leads_to=department_url,
            trail=((_("Departments"), url("departments")),),
        )
        return self.offer(request, change)

    def rename(self, request: HttpRequest, department_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)

        def form(given: Any) -> forms.Form:
            made = forms.Form(given)
            made.fields["name"] = text_field(_("Name"), NAME_LENGTH, initial=department.name)
            return made

        change = Change(
            title=_("Rename %(department)s") % {"department": department.name},
            form=form,
            act=lambda values: rename_department(scope.actor, department, values["name"]),
            done=_("The department has its new name."),
            back=department_url(department),
            trail=trail_of(scope, department, itself=True),
        )
        return self.offer(request, change)

    def move(self, request: HttpRequest, department_id: uuid.UUID) -> HttpResponse:
        """``?to=`` names the place, as dragging does; it is shown what that would do, and saved by the page's form."""
        scope, department = scope_and_department(request, department_id)
        places = [
            place for place in scope.departments("department.manage") if not place.path.startswith(department.path)
        ]

        def form(given: Any) -> forms.Form:
            made = forms.Form(given)
            made.fields["to"] = DepartmentField(
                places, top=scope.is_whole, label=_("Move to"), empty_label=_("Choose the department above it")
            )
            return made

        change = Change(
            title=_("Move %(department)s") % {"department": department.name},
            form=form,
            act=lambda values: move_department(scope.actor, department, _place(values["to"])),
            reach=lambda values: reach_of_department(department),
            done=_("%(department)s has moved.") % {"department": department.name},
            back=url("departments"),
            verb=_("Move"),
            query="to",
            lead=_(
                "The departments below it, its people and its workspaces go with it. Roles given at the departments "
                "above it no longer reach it; those of the departments above the new place do."
            ),
            trail=trail_of(scope, department, itself=True),
        )
        return self.offer(request, change)

    def remove(self, request: HttpRequest, department_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        content = department_content(department)
        held = any(content.values())
        places = [
            place for place in scope.departments("department.manage") if not place.path.startswith(department.path)
        ]

        def form(given: Any) -> forms.Form:
            made = forms.Form(given)
            if held:
                made.fields["into"] = DepartmentField(
                    places, label=_("Where what it holds goes"), empty_label=_("Choose a department")
                )
            return made

        change = Change(
            title=_("Remove %(department)s") % {"department": department.name},
            form=form,
            act=lambda values: remove_department(scope.actor, department, into=values.get("into")),
            reach=lambda values: reach_of_department(department),
            done=_("%(department)s is removed.") % {"department": department.name},
            back=url("departments"),
            verb=_("Remove"),
            danger=True,
            lead=_holds(content),
            trail=trail_of(scope, department, itself=True),
        )
        return self.offer(request, change)


def _rows(scope: Scope) -> list[Row]:
    """In six queries, whatever the size of the tree."""
    found = scope.departments()
    people = dict(Membership.objects.order_by().values_list("department").annotate(Count("person", distinct=True)))
    workspaces = dict(
        Workspace.objects.filter(archived=False).order_by().values_list("department").annotate(Count("pk"))
    )
    shown = {department.path for department in found}
    ways = {department.path: [path for path in _above(department) if path in shown] for department in found}
    children = Counter(way[-1] for way in ways.values() if way)
    rows, managing = [], {one.path: "department.manage" in scope.rights_at(one) for one in found}
    for department in found:
        way = ways[department.path]
        rows.append(
            Row(
                department,
                1 + len(way),
                way[-1] if way else "",
                children[department.path],
                people.get(department.pk, 0),
                workspaces.get(department.pk, 0),
                managing[department.path],
                scope.is_whole or managing.get(department.path[: -Department.steplen], False),
            )
        )
    return rows


def _above(department: Department) -> list[str]:
    """The paths of the departments above one."""
    path = department.path
    return [path[:end] for end in range(Department.steplen, len(path), Department.steplen)]


def _below(rows: list[Row], department_id: str) -> list[Row]:
    """Those that are shown right below one; between them may stand what is not the person's to administer."""
    above = next((row.department.path for row in rows if str(row.department.pk) == department_id), None)
    if above is None:
        raise NotFound
    return [row for row in rows if row.above == above]


def _found(rows: list[Row], asked: str) -> list[Row]:
    """Those that are called so, as many as are shown, and the departments above them."""
    wanted = asked.casefold()
    paths = [row.department.path for row in rows if wanted in row.department.name.casefold()]
    kept = {path[:end] for path in paths for end in range(Department.steplen, len(path) + 1, Department.steplen)}
    return [row for row in rows if row.department.path in kept]


def _place(chosen: Any) -> Department | None:
    return None if chosen == TOP else chosen


def _holds(content: dict[str, int]) -> str:
    parts = [
        wording % {"count": content[name]}
        for name, wording in (
            ("departments", ngettext("1 department", "%(count)s departments", content["departments"])),
            ("workspaces", ngettext("1 workspace", "%(count)s workspaces", content["workspaces"])),
            ("memberships", ngettext("1 role of a person", "%(count)s roles of people", content["memberships"])),
        )
        if content[name]
    ]
    return (
        _("It holds %(parts)s; say where that goes.") % {"parts": ", ".join(parts)} if parts else _("It holds nothing.")
    )
