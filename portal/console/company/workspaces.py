"""Workspaces: made, changed, moved and archived. What is in them is never shown."""

import uuid
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from portal.console.company.base import (
    PAGE_LENGTH,
    Pages,
    department_url,
    scope_and_department,
    trail_of,
    url,
    workspace_trail,
)
from portal.console.company.change import Change
from portal.console.company.forms import DepartmentField, long_text_field, text_field
from portal.console.company.scope import Scope, scope_of
from portal.departments.models import Workspace
from portal.departments.preview import reach_of_workspace, who_may
from portal.departments.services.workspaces import (
    NAME_LENGTH,
    PURPOSE_LENGTH,
    archive_workspace,
    change_workspace,
    create_workspace,
    move_workspace,
)
from portal.prompts.selectors import first_questions, instructions_of

ACTION = "workspace.manage"


class WorkspacePages(Pages):
    def urls(self) -> list[URLPattern]:
        one = "workspaces/<uuid:workspace_id>/"
        return [
            self.open("workspaces/", self.list, "workspaces", "workspace.list"),
            self.open("departments/<uuid:department_id>/workspaces/new/", self.add, "workspace_add", ACTION),
            self.open(one, self.workspace, "workspace", "workspace.read"),
            self.open(f"{one}change/", self.change, "workspace_change", ACTION),
            self.open(f"{one}move/", self.move, "workspace_move", ACTION),
            self.open(f"{one}archive/", self.archive, "workspace_archive", ACTION),
        ]

    def list(self, request: HttpRequest) -> HttpResponse:
        scope = scope_of(request)
        asked = request.GET.get("q", "").strip()[:150].replace("\0", "")
        found = scope.workspaces().select_related("department").order_by("department__path", "name")
        if asked:
            found = found.filter(name__icontains=asked)
        page = Paginator(found, PAGE_LENGTH).get_page(request.GET.get("page", "1"))
        return self.show(request, "workspaces", _("Workspaces"), page=page, asked=asked)

    def workspace(self, request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
        scope, workspace = _asked_for(request, workspace_id)
        gives = Workspace.objects.allowed(scope.actor, "grant.manage").filter(pk=workspace.pk).exists()
        manages = Workspace.objects.allowed(scope.actor, ACTION).filter(pk=workspace.pk).exists()
        opened_by = Paginator(who_may("workspace.view", workspace), PAGE_LENGTH) if gives else None
        return self.show(
            request,
            "workspace",
            workspace.name,
            workspace=workspace,
            trail=workspace_trail(scope, workspace),
            gives=gives,
            manages=manages,
            instructions=instructions_of(workspace) if manages else "",
            questions=first_questions(workspace) if manages else [],
            page=opened_by.get_page(request.GET.get("page", "1")) if opened_by else None,
        )

    def add(self, request: HttpRequest, department_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        change = Change(
            title=_("Create a workspace in %(department)s") % {"department": department.name},
            form=_form,
            act=lambda values: create_workspace(scope.actor, department, values["name"], values["purpose"]),
            done=_("The workspace is there."),
            back=department_url(department),
            verb=_("Create"),
            lead=_("Open to those with a role at the department or above it."),
            leads_to=lambda made: url("workspace", made.pk),
            trail=trail_of(scope, department, itself=True),
        )
        return self.offer(request, change)

    def change(self, request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
        scope, workspace = _asked_for(request, workspace_id)
        change = Change(
            title=_("Change %(workspace)s") % {"workspace": workspace.name},
            form=lambda given: _form(given, workspace),
            act=lambda values: change_workspace(scope.actor, workspace, values["name"], values["purpose"]),
            done=_("Saved."),
            back=url("workspace", workspace.pk),
            trail=workspace_trail(scope, workspace, itself=True),
        )
        return self.offer(request, change)

    def move(self, request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
        scope, workspace = _asked_for(request, workspace_id)
        places = [place for place in scope.departments(ACTION) if place.pk != workspace.department_id]

        def form(given: Any) -> forms.Form:
            made = forms.Form(given)
            made.fields["to"] = DepartmentField(places, label=_("Move to"))
            return made

        change = Change(
            title=_("Move %(workspace)s") % {"workspace": workspace.name},
            form=form,
            act=lambda values: move_workspace(scope.actor, workspace, values["to"]),
            reach=lambda values: reach_of_workspace(workspace),
            done=_("The workspace has moved."),
            back=url("workspace", workspace.pk),
            verb=_("Move"),
            lead=_("The roles at the new department reach it then; those at the old one no longer do."),
            trail=workspace_trail(scope, workspace, itself=True),
        )
        return self.offer(request, change)

    def archive(self, request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
        scope, workspace = _asked_for(request, workspace_id)
        closes = not workspace.archived
        change = Change(
            title=_("Archive %(workspace)s") % {"workspace": workspace.name}
            if closes
            else _("Open %(workspace)s again") % {"workspace": workspace.name},
            act=lambda values: archive_workspace(scope.actor, workspace, closes),
            reach=lambda values: reach_of_workspace(workspace),
            done=_("The workspace is archived.") if closes else _("The workspace is open again."),
            back=url("workspace", workspace.pk),
            verb=_("Archive") if closes else _("Open"),
            danger=closes,
            lead=_("Nobody can open an archived workspace; its conversations stay stored.") if closes else "",
            trail=workspace_trail(scope, workspace, itself=True),
        )
        return self.offer(request, change)


def _asked_for(request: HttpRequest, workspace_id: uuid.UUID) -> tuple[Scope, Workspace]:
    """Raises NotFound."""
    scope = scope_of(request)
    return scope, scope.workspace(workspace_id)


def _form(given: Any, workspace: Workspace | None = None) -> forms.Form:
    form = forms.Form(given, initial={"purpose": workspace.purpose if workspace else ""})
    form.fields["name"] = text_field(_("Name"), NAME_LENGTH, initial=workspace.name if workspace else "")
    form.fields["purpose"] = long_text_field(_("Purpose"), PURPOSE_LENGTH, hint=_("What it is for, in a sentence."))
    return form
