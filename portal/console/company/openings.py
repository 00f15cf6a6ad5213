"""What conversations begin with: instructions of a workspace, and first questions."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from portal.configuration import live
from portal.console.company.base import (
    Pages,
    department_url,
    scope_and_department,
    trail_of,
    url,
    workspace_trail,
)
from portal.console.company.change import Change
from portal.console.company.forms import long_text_field
from portal.console.company.scope import scope_of
from portal.departments.models import Department, Workspace
from portal.prompts.selectors import first_questions, instructions_of
from portal.prompts.services.instructions import set_instructions
from portal.prompts.services.questions import MOST_QUESTIONS, QUESTION_LENGTH, set_first_questions

ROWS = 10


class OpeningPages(Pages):
    def urls(self) -> list[URLPattern]:
        workspace, department = "workspaces/<uuid:workspace_id>/", "departments/<uuid:department_id>/"
        change = "first_question.change"
        return [
            self.open(f"{workspace}instructions/", self.instructions, "workspace_instructions", "instructions.change"),
            self.open(f"{workspace}first-questions/", self.of_workspace, "workspace_questions", change),
            self.open(f"{department}first-questions/", self.of_department, "department_questions", change),
        ]

    def instructions(self, request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
        scope = scope_of(request)
        workspace = scope.workspace(workspace_id)
        limit = live.whole_number("instructions_limit")
        hint = _("At most %(limit)s characters. All who open the workspace can read them.") % {"limit": f"{limit:,}"}
        change = Change(
            title=_("Instructions of %(name)s") % {"name": workspace.name},
            form=lambda given: _form(given, "instructions", _("Instructions"), instructions_of(workspace), hint),
            act=lambda values: set_instructions(scope.actor, workspace, values["instructions"]),
            done=_("Saved. They count from the next answer on."),
            back=url("workspace", workspace.pk),
            lead=_("The model is told this before every question of the workspace. Empty: nothing is."),
            trail=workspace_trail(scope, workspace, itself=True),
        )
        return self.offer(request, change)

    def of_workspace(self, request: HttpRequest, workspace_id: uuid.UUID) -> HttpResponse:
        scope = scope_of(request)
        workspace = scope.workspace(workspace_id)
        lead = _("Offered on an empty conversation of the workspace, in place of its department's.")
        change = Change(
            title=_("First questions of %(name)s") % {"name": workspace.name},
            form=lambda given: _questions_form(given, workspace),
            act=lambda values: set_first_questions(scope.actor, workspace, values["questions"].splitlines()),
            done=_("Saved."),
            back=url("workspace", workspace.pk),
            lead=lead,
            trail=workspace_trail(scope, workspace, itself=True),
        )
        return self.offer(request, change)

    def of_department(self, request: HttpRequest, department_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        lead = _("Offered on empty conversations, in the workspaces here and below that have none nearer.")
        change = Change(
            title=_("First questions of %(name)s") % {"name": department.name},
            form=lambda given: _questions_form(given, department),
            act=lambda values: set_first_questions(scope.actor, department, values["questions"].splitlines()),
            done=_("Saved."),
            back=department_url(department),
            lead=lead,
            trail=trail_of(scope, department, itself=True),
        )
        return self.offer(request, change)


def _questions_form(given: Any, place: Department | Workspace) -> forms.Form:
    hint = _("One a line, at most %(most)d of up to %(length)d characters.") % {
        "most": MOST_QUESTIONS,
        "length": QUESTION_LENGTH,
    }
    return _form(given, "questions", _("First questions"), "\n".join(first_questions(place)), hint)


def _form(given: Any, name: str, label: str, text: str, hint: str) -> forms.Form:
    form = forms.Form(given, initial={name: text})
    # Browsers send two characters for the end of a line: the service counts.
    form.fields[name] = long_text_field(label, None, hint=hint)
    form.fields[name].widget.attrs["rows"] = ROWS
    return form
