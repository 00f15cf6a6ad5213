"""Roles, made of the catalogue's rights by platform administrators."""

import uuid
from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from portal.console.company.base import Pages, url
from portal.console.company.change import Change
from portal.console.company.forms import RightsField, long_text_field, text_field
from portal.console.company.scope import scope_of
from portal.console.doors import ADMINISTRATION
from portal.core.catalogue import DEPARTMENT, RIGHTS, rights_on
from portal.core.errors import NotFound
from portal.departments.models import Role
from portal.departments.preview import reach_of_role
from portal.departments.services.roles import (
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    change_role,
    create_role,
    remove_role,
)


class RolePages(Pages):
    section = ADMINISTRATION

    def urls(self) -> list[URLPattern]:
        return [
            self.open("roles/", self.list, "roles", "role.list"),
            self.open("roles/new/", self.add, "role_add", "role.manage"),
            self.open("roles/<uuid:role_id>/", self.edit, "role", "role.manage"),
            self.open("roles/<uuid:role_id>/remove/", self.remove, "role_remove", "role.manage"),
        ]

    def list(self, request: HttpRequest) -> HttpResponse:
        roles = Role.objects.annotate(holders=Count("memberships__person", distinct=True)).prefetch_related("actions")
        shown = [
            (role, [RIGHTS[name] for name in RIGHTS if name in {entry.action for entry in role.actions.all()}])
            for role in roles.order_by("name")
        ]
        return self.show(request, "roles", _("Roles"), roles=shown)

    def add(self, request: HttpRequest) -> HttpResponse:
        actor = scope_of(request).actor
        change = Change(
            title=_("Make a role"),
            form=lambda given: _form(given, {}),
            act=lambda values: create_role(actor, values["name"], values["rights"], values["description"]),
            done=_("The role is there. Give it to people at a department."),
            back=url("roles"),
            verb=_("Make"),
            trail=((_("Roles"), url("roles")),),
        )
        return self.offer(request, change)

    def edit(self, request: HttpRequest, role_id: uuid.UUID) -> HttpResponse:
        actor, role = scope_of(request).actor, _role(role_id)
        rights = list(role.actions.values_list("action", flat=True))
        initial = {"name": role.name, "description": role.description, "rights": rights}
        if role.key:
            named = [RIGHTS[name] for name in RIGHTS if name in rights]
            return self.show(
                request,
                "role_builtin",
                _("Role %(role)s") % {"role": role.name},
                rights=named,
                trail=((_("Roles"), url("roles")),),
            )
        change = Change(
            title=_("Role %(role)s") % {"role": role.name},
            form=lambda given: _form(given, initial),
            act=lambda values: change_role(actor, role, values["name"], values["rights"], values["description"]),
            reach=lambda values: reach_of_role(role),
            done=_("The role is saved. It counts at once for everybody who holds it."),
            back=url("roles"),
            trail=((_("Roles"), url("roles")),),
        )
        return self.offer(request, change)

    def remove(self, request: HttpRequest, role_id: uuid.UUID) -> HttpResponse:
        actor, role = scope_of(request).actor, _role(role_id)
        change = Change(
            title=_("Remove the role %(role)s") % {"role": role.name},
            act=lambda values: remove_role(actor, role),
            reach=lambda values: reach_of_role(role),
            done=_("The role is removed."),
            back=url("roles"),
            verb=_("Remove"),
            danger=True,
            lead=_("What was given or denied to its holders goes with it."),
            trail=((_("Roles"), url("roles")),),
        )
        return self.offer(request, change)


def _role(role_id: uuid.UUID) -> Role:
    """Raises NotFound."""
    found = Role.objects.filter(pk=role_id).first()
    if found is None:
        raise NotFound
    return found


def _form(given: Any, initial: dict[str, Any]) -> forms.Form:
    form = forms.Form(given, initial=initial)
    form.fields["name"] = text_field(_("Name"), NAME_LENGTH)
    form.fields["description"] = long_text_field(_("Description"), DESCRIPTION_LENGTH, hint=_("Whom it is for."))
    form.fields["rights"] = RightsField(rights_on(DEPARTMENT))
    return form
