"""People in a department: invited, given roles, moved and taken out."""

import datetime
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _

from portal.accounts.invitations import Invitation, issue_invitation
from portal.accounts.models import User
from portal.accounts.services import add_invited
from portal.console.company.base import Pages, department_url, person_trail, scope_and_department, trail_of, url
from portal.console.company.change import Change
from portal.console.company.forms import DepartmentField, PersonField, RoleField, email_field, text_field
from portal.console.company.scope import Scope, scope_of
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import AppError, Invalid, NotFound
from portal.departments.models import Department, Membership
from portal.departments.preview import reach_of_person
from portal.departments.services.invitations import invite_with_link, renew_invitation
from portal.departments.services.memberships import give_role, move_person, take_out, take_role
from portal.departments.standing import standing_of

ACTION = "membership.manage"


class MemberPages(Pages):
    def urls(self) -> list[URLPattern]:
        one = "departments/<uuid:department_id>/"
        member = f"{one}people/<uuid:person_id>/"
        return [
            self.open(f"{one}give/", self.give, "role_give", ACTION),
            self.open(f"{one}invite/", self.invite_into, "invite", ACTION),
            self.open(f"{one}roles/<uuid:membership_id>/take/", self.take, "role_take", ACTION),
            self.open(f"{member}move/", self.move, "member_move", ACTION),
            self.open(f"{member}take-out/", self.take_out, "member_take_out", ACTION),
            self.open("people/invite/", self.invite_anywhere, "person_invite", ACTION),
            self.open("people/<uuid:person_id>/invitation/", self.renew, "invitation_renew", "invitation.issue"),
        ]

    def give(self, request: HttpRequest, department_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        chosen = request.GET.get("person", "")[:150]

        def form(given: Any) -> forms.Form:
            made = forms.Form(given, initial={"person": chosen})
            made.fields["person"] = PersonField(scope)
            made.fields["role"] = _role_field(scope, department)
            return made

        change = Change(
            title=_("Give a role at %(department)s") % {"department": department.name},
            form=form,
            act=lambda values: give_role(scope.actor, values["person"], department, values["role"]),
            reach=lambda values: reach_of_person(values["person"]),
            done=_("The role is given."),
            back=department_url(department),
            verb=_("Give"),
            lead=_("It counts for the department and for those below it."),
            trail=trail_of(scope, department, itself=True),
        )
        return self.offer(request, change)

    def take(self, request: HttpRequest, department_id: uuid.UUID, membership_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        rows = Membership.objects.filter(department=department).select_related("person", "role")
        membership = rows.filter(pk=membership_id).first()
        if membership is None:
            raise NotFound
        person, role = membership.person, membership.role
        change = Change(
            title=_("Take the role %(role)s from %(display_name)s")
            % {"role": role.name, "display_name": person.display_name()},
            act=lambda values: take_role(scope.actor, person, department, role),
            reach=lambda values: reach_of_person(person),
            done=_("The role is taken."),
            back=department_url(department),
            leads_to=lambda result: _where_to(scope, department),
            verb=_("Take"),
            danger=True,
            lead=_own(scope, person),
            trail=trail_of(scope, department, itself=True),
        )
        return self.offer(request, change)

    def move(self, request: HttpRequest, department_id: uuid.UUID, person_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        person = _member(department, person_id)
        places = [place for place in scope.departments(ACTION) if place.pk != department.pk]

        def form(given: Any) -> forms.Form:
            made = forms.Form(given)
            made.fields["to"] = DepartmentField(places, label=_("Move to"))
            return made

        change = Change(
            title=_("Move %(display_name)s") % {"display_name": person.display_name()},
            form=form,
            act=lambda values: move_person(scope.actor, person, department, values["to"]),
            reach=lambda values: reach_of_person(person),
            done=_("%(display_name)s has moved.") % {"display_name": person.display_name()},
            back=department_url(department),
            verb=_("Move"),
            lead=_("The roles at %(department)s become roles at the other department.")
            % {"department": department.name},
            trail=trail_of(scope, department, itself=True),
        )
        return self.offer(request, change)

    def take_out(self, request: HttpRequest, department_id: uuid.UUID, person_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        person = _member(department, person_id, below=True)
        change = Change(
            title=_("Take %(display_name)s out of %(department)s")
            % {"display_name": person.display_name(), "department": department.name},
            act=lambda values: take_out(scope.actor, person, department),
            reach=lambda values: reach_of_person(person),
            done=_("%(display_name)s is out of %(department)s.")
            % {"display_name": person.display_name(), "department": department.name},
            back=department_url(department),
            leads_to=lambda result: _where_to(scope, department),
            verb=_("Take out"),
            danger=True,
            lead=_("Every role here and in the departments below ends. What was given otherwise stays.")
            + _own(scope, person),
            trail=trail_of(scope, department, itself=True),
        )
        return self.offer(request, change)

    def invite_into(self, request: HttpRequest, department_id: uuid.UUID) -> HttpResponse:
        scope, department = scope_and_department(request, department_id)
        form = _invitation_form(request.POST if request.method == "POST" else None)
        form.fields["role"] = _role_field(scope, department)
        trail = trail_of(scope, department, itself=True)
        title = _("Invite somebody to %(department)s") % {"department": department.name}
        return self._invite(request, form, title, trail, lambda: department, department_url(department))

    def invite_anywhere(self, request: HttpRequest) -> HttpResponse:
        """As platform administrators do: with no department too, such as for an auditor."""
        scope = scope_of(request)
        form = _invitation_form(request.POST if request.method == "POST" else None)
        optional = scope.is_whole
        form.fields["department"] = DepartmentField(
            scope.departments(ACTION),
            required=not optional,
            empty_label=_("(none yet)") if optional else _("Choose one"),
        )
        form.fields["role"] = RoleField(None if scope.is_whole else _held_anywhere(scope), required=not optional)
        trail = ((_("People"), url("people")),)
        return self._invite(
            request, form, _("Invite a person"), trail, lambda: form.cleaned_data["department"], url("people")
        )

    def renew(self, request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
        scope = scope_of(request)
        person = scope.person(person_id)
        problem = ""
        if request.method == "POST":
            try:
                invitation = renew_invitation(scope.actor, str(person.pk))[1]
            except AppError as error:
                problem = error.message
            else:
                return self._link(request, person, invitation, person_trail(person))
        return self.show(
            request,
            "invite_again",
            _("New link for %(display_name)s") % {"display_name": person.display_name()},
            person=person,
            problem=problem,
            trail=person_trail(person),
        )

    def _invite(
        self, request: HttpRequest, form: forms.Form, title: str, trail: Any, department: Any, back: str
    ) -> HttpResponse:
        status = 200
        if request.method == "POST":
            status = 400
            if form.is_valid():
                try:
                    person, invitation = _invited(scope_of(request).actor, form, department())
                except NotFound:
                    raise
                except AppError as error:
                    name = str(error.details.get("field", ""))
                    form.add_error(name if name in form.fields else None, error.message)
                    status = error.status
                else:
                    return self._link(request, person, invitation, trail)
        response = self.show(
            request, "invite", title, form=form, trail=trail, back=back, whole=scope_of(request).is_whole
        )
        response.status_code = status
        return response

    def _link(self, request: HttpRequest, person: User, invitation: Invitation, trail: Any) -> HttpResponse:
        """Shown in this one answer; neither the session nor a message keeps it."""
        address = url_of_invitation(request, invitation)
        response = self.show(
            request,
            "invited",
            _("Invitation of %(display_name)s") % {"display_name": person.display_name()},
            person=person,
            address=address,
            until=now() + datetime.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
            trail=trail,
        )
        response["Cache-Control"] = "no-store"
        return response


def url_of_invitation(request: HttpRequest, invitation: Invitation) -> str:
    return request.build_absolute_uri(reverse("invitation", args=[invitation.uid, invitation.token]))


@transaction.atomic
def _invited(actor: Actor, form: forms.Form, department: Department | None) -> tuple[User, Invitation]:
    """Raises as ``invite_with_link`` does."""
    values = {name: form.cleaned_data[name] for name in ("username", "first_name", "last_name", "email")}
    role = form.cleaned_data["role"]
    if (department is None) != (role is None):
        missing = "department" if department is None else "role"
        raise Invalid(_("A role is given at a department: choose both, or neither."), details={"field": missing})
    if department is not None:
        return invite_with_link(actor, values, department, role)
    if not actor.is_platform_administrator:
        raise NotFound
    person = add_invited(actor, values)
    return person, issue_invitation(actor, person)


def _invitation_form(given: Any) -> forms.Form:
    form = forms.Form(given)
    form.fields["username"] = text_field(_("User name"), 150, hint=_("Letters, digits and @ . + - _"))
    form.fields["first_name"] = text_field(_("First name"), 150, required=False)
    form.fields["last_name"] = text_field(_("Last name"), 150, required=False)
    form.fields["email"] = email_field()
    return form


def _role_field(scope: Scope, department: Department) -> RoleField:
    return RoleField(None if scope.is_whole else scope.rights_at(department))


def _held_anywhere(scope: Scope) -> frozenset[str]:
    """The form's choice only; the service checks it at the department."""
    return frozenset().union(*(held.rights for held in scope.standing.held))


def _own(scope: Scope, person: User) -> str:
    """A warning to whoever is about to lose what he could not give himself again."""
    if person.pk != scope.actor.id:
        return ""
    return " " + _("This is about you: you cannot give it back to yourself, and may lose these pages.")


def _where_to(scope: Scope, department: Department) -> str:
    """The department's page, or the workspace for whoever has just given up administering it."""
    still = scope.is_whole or Scope(scope.actor, standing_of(scope.actor)).administers(department)
    return department_url(department) if still else reverse("workspace:home")


def _member(department: Department, person_id: uuid.UUID, *, below: bool = False) -> User:
    """Raises NotFound."""
    rows = Membership.objects.filter(person=person_id)
    inside = rows.filter(department__path__startswith=department.path) if below else rows.filter(department=department)
    found = inside.select_related("person").first()
    if found is None:
        raise NotFound
    return found.person
