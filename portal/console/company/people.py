"""People: found by name, and their platform roles."""

import uuid
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminSelectWidget

from portal.accounts.choices import PlatformRole
from portal.accounts.services import change_person
from portal.console.company.base import PAGE_LENGTH, Pages, person_trail, url
from portal.console.company.change import Change, Values
from portal.console.company.forms import matching
from portal.console.company.scope import Scope, scope_of
from portal.console.doors import ADMINISTRATION
from portal.core.errors import Forbidden
from portal.departments.preview import reach_of_person


class PeoplePages(Pages):
    def urls(self) -> list[URLPattern]:
        return [self.open("people/", self.people, "people", "rights.explain")]

    def people(self, request: HttpRequest) -> HttpResponse:
        scope = scope_of(request)
        asked = request.GET.get("q", "").strip()[:150].replace("\0", "")
        found = matching(scope.people(), asked) if asked else scope.people()
        page = Paginator(found, PAGE_LENGTH).get_page(request.GET.get("page", "1"))
        invites = scope.is_whole or bool(scope.departments("membership.manage"))
        return self.show(request, "people", _("People"), page=page, asked=asked, whole=scope.is_whole, invites=invites)


class PlatformRolePages(Pages):
    section = ADMINISTRATION

    def urls(self) -> list[URLPattern]:
        return [self.open("people/<uuid:person_id>/platform-role/", self.change, "platform_role", "person.manage")]

    def change(self, request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
        scope = scope_of(request)
        person = scope.person(person_id)

        def form(given: Any) -> forms.Form:
            made = forms.Form(given)
            made.fields["platform_role"] = forms.ChoiceField(
                label=_("Platform role"),
                required=False,
                choices=PlatformRole.choices,
                initial=person.platform_role,
                widget=UnfoldAdminSelectWidget,
            )
            return made

        def act(values: Values) -> None:
            _refuse_own(scope, person_id)
            change_person(scope.actor, person, {"platform_role": values["platform_role"]})

        change = Change(
            title=_("Platform role of %(display_name)s") % {"display_name": person.display_name()},
            form=form,
            act=act,
            reach=lambda values: reach_of_person(person),
            done=_("The platform role is changed."),
            back=url("person", person.pk),
            verb=_("Change"),
            lead=_(
                "An administrator changes everything in the console and reads nobody's conversations. An auditor "
                "reads the audit journal."
            ),
            trail=person_trail(person),
        )
        return self.offer(request, change)


def _refuse_own(scope: Scope, person_id: uuid.UUID) -> None:
    if person_id == scope.actor.id:
        raise Forbidden(_("Nobody changes their own platform role. Ask another administrator."), code="own_rights")
