"""What the pages about the company share: how they are opened, and the frame that they are shown in."""

import uuid
from collections.abc import Callable
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.models import User
from portal.console.company.change import Change, offer
from portal.console.company.scope import Scope, scope_of
from portal.console.doors import COMPANY, Section
from portal.core.declare import declares
from portal.departments.models import Department, Workspace

Trail = tuple[tuple[str, str], ...]
"""Name and address of the pages above one."""

PAGE_LENGTH = 50


class Site(Protocol):
    def admin_view(self, view: Any, cacheable: bool = False) -> Callable[..., HttpResponseBase]: ...

    def each_context(self, request: HttpRequest) -> dict[str, Any]: ...


class Pages:
    """``section`` says who may open them; what a page shows and does is decided by the person's rights at the place."""

    section: Section = COMPANY

    def __init__(self, site: Site) -> None:
        self._site = site

    def open(self, route: str, view: Callable[..., HttpResponse], name: str, action: str) -> URLPattern:
        guarded = require_http_methods(["GET", "HEAD", "POST"])(self._site.admin_view(view))
        return path(route, declares(action)(guarded), name=name)

    def show(self, request: HttpRequest, template: str, title: str, **shown: Any) -> HttpResponse:
        context = {**self._site.each_context(request), "title": title, **shown}
        return render(request, f"console/company/{template}.html", context)

    def offer(self, request: HttpRequest, change: Change) -> HttpResponse:
        return offer(request, lambda: self._site.each_context(request), change)


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def department_url(department: Department) -> str:
    return url("department", department.pk)


def trail_of(scope: Scope, department: Department, *, itself: bool = False) -> Trail:
    """The departments above one, as far as the person administers them."""
    return trail_through([*scope.above(department), *([department] if itself else [])])


def trail_through(found: list[Department]) -> Trail:
    return ((_("Departments"), url("departments")), *((one.name, department_url(one)) for one in found))


def workspace_trail(scope: Scope, workspace: Workspace, *, itself: bool = False) -> Trail:
    department = workspace.department
    above: Trail = (
        ((department.name, department_url(department)),)
        if scope.administers(department)
        else ((_("Workspaces"), url("workspaces")),)
    )
    return (*above, (workspace.name, url("workspace", workspace.pk))) if itself else above


def person_trail(person: User) -> Trail:
    return ((_("People"), url("people")), (person.display_name(), url("person", person.pk)))


def scope_and_department(request: HttpRequest, department_id: uuid.UUID) -> tuple[Scope, Department]:
    """Raises NotFound."""
    scope = scope_of(request)
    return scope, scope.department(department_id)
