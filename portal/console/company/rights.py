"""Rights on a workspace, an engine or at a department: who was given and denied what, and through what it comes."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Count, F, Model, Q, Value
from django.db.models.lookups import StartsWith
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.models import User
from portal.console.company.base import Pages, Trail, trail_of, url, workspace_trail
from portal.console.company.change import Change
from portal.console.company.forms import DenialRightField, RightsField, SubjectForm, long_text_field
from portal.console.company.scope import Scope, scope_of
from portal.core.catalogue import DEPARTMENT, ENGINE, RIGHTS, WORKSPACE, Action, rights_on
from portal.core.errors import NotFound
from portal.departments.denials import REASON_LENGTH, deny, lift
from portal.departments.grants import USE, give, withdraw
from portal.departments.models import Department, DepartmentDenial, Membership, Role, Workspace
from portal.departments.models.tree import EVERY_RIGHT
from portal.departments.on_object import denials_on, grants_on
from portal.departments.preview import (
    Reach,
    reach_of_department,
    reach_of_person,
    reach_of_role,
    reach_of_workspace,
)
from portal.departments.subjects import Subject, kind_of_subject
from portal.departments.targets import name_of_subject, object_for_rights
from portal.engines.models import Engine
from portal.engines.services import reserve

SHOWN = (WORKSPACE, ENGINE, DEPARTMENT)
"""A conversation is shared by its owner, where it is read."""


class RightsPages(Pages):
    def urls(self) -> list[URLPattern]:
        one = "rights/<slug:kind>/<uuid:object_id>/"
        return [
            self.open(one, self.rights, "rights", "grant.manage"),
            self.open(f"{one}give/", self.give, "grant_give", "grant.give"),
            self.open(
                f"{one}withdraw/<uuid:subject_id>/",
                self.withdraw,
                "grant_withdraw",
                "grant.withdraw",
            ),
            self.open(f"{one}deny/", self.deny, "denial_set", "denial.set"),
            self.open(f"{one}lift/<uuid:denial_id>/", self.lift, "denial_lift", "denial.lift"),
            self.open("engines/<uuid:engine_id>/reserved/", self.reserve, "engine_reserved", "engine.manage"),
        ]

    def rights(self, request: HttpRequest, kind: str, object_id: uuid.UUID) -> HttpResponse:
        scope, target = _asked_for(request, kind, object_id)
        department = target if isinstance(target, Department) else getattr(target, "department", None)
        grants = [] if isinstance(target, Department) else grants_on(target)
        return self.show(
            request,
            "rights",
            f"Rights: {target}",
            kind=kind,
            target=target,
            trail=_trail(scope, target),
            grants=[
                {
                    "subject": _named(grant.subject),
                    "rights": _described(grant.rights),
                    "own": grant.subject.pk == scope.actor.id,
                }
                for grant in grants
            ],
            denials=[
                {
                    "id": denial.id,
                    "subject": _named(denial.subject),
                    "right": denial.right and _(RIGHTS[denial.right].description),
                    "reason": denial.reason,
                    "own": denial.subject.pk == scope.actor.id,
                }
                for denial in denials_on(target)
            ],
            roles=_roles_reaching(department),
            denied_above=_denials_above(scope, department, but=target),
        )

    def give(self, request: HttpRequest, kind: str, object_id: uuid.UUID) -> HttpResponse:
        scope, target = _asked_for(request, kind, object_id)
        if isinstance(target, Department):
            raise NotFound
        offered = [right for right in rights_on(kind) if scope.is_whole or _holds(scope, target, right)]

        def form(given: Any) -> forms.Form:
            made = SubjectForm(given, scope)
            made.fields["rights"] = RightsField(offered, initial=USE if kind == WORKSPACE else [])
            return made

        change = Change(
            title=_("Give rights on %(target)s") % {"target": target},
            form=form,
            act=lambda values: give(scope.actor, values["subject"], target, values["rights"]),
            reach=lambda values: _reach(target, values["subject"]),
            done=_("The rights are given."),
            back=url("rights", kind, object_id),
            verb=_("Give"),
            trail=_trail(scope, target, itself=True),
        )
        return self.offer(request, change)

    def withdraw(self, request: HttpRequest, kind: str, object_id: uuid.UUID, subject_id: uuid.UUID) -> HttpResponse:
        scope, target = _asked_for(request, kind, object_id)
        if isinstance(target, Department):
            raise NotFound
        found = next((one for one in grants_on(target) if one.subject.pk == subject_id), None)
        if found is None:
            raise NotFound
        subject, standing = found.subject, found.rights

        def form(given: Any) -> forms.Form:
            made = forms.Form(given)
            made.fields["rights"] = RightsField(
                [RIGHTS[name] for name in standing], label=_("What is withdrawn"), initial=list(standing)
            )
            return made

        change = Change(
            title=_("Withdraw rights of %(subject)s") % {"subject": name_of_subject(subject)},
            form=form,
            act=lambda values: withdraw(scope.actor, subject, target, values["rights"]),
            reach=lambda values: _reach(target, subject),
            done=_("The rights are withdrawn."),
            back=url("rights", kind, object_id),
            verb=_("Withdraw"),
            danger=True,
            trail=_trail(scope, target, itself=True),
        )
        return self.offer(request, change)

    def deny(self, request: HttpRequest, kind: str, object_id: uuid.UUID) -> HttpResponse:
        scope, target = _asked_for(request, kind, object_id)
        offered = [right for right in rights_on(kind) if scope.is_whole or not right.administrative]

        def form(given: Any) -> forms.Form:
            made = SubjectForm(given, scope)
            made.fields["right"] = DenialRightField(offered, everything=scope.is_whole)
            made.fields["reason"] = long_text_field(
                _("Reason"), REASON_LENGTH, required=True, hint=_("Shown to those who administer rights here.")
            )
            return made

        change = Change(
            title=_("Deny rights at %(target)s") % {"target": target}
            if kind == DEPARTMENT
            else _("Deny rights on %(target)s") % {"target": target},
            form=form,
            act=lambda values: deny(scope.actor, values["subject"], target, [values["right"]], values["reason"]),
            reach=lambda values: _reach(target, values["subject"]),
            done=_("The rights are denied."),
            back=url("rights", kind, object_id),
            verb=_("Deny"),
            danger=True,
            lead=_("A denial wins over every role and every grant, on this and on all that it contains."),
            trail=_trail(scope, target, itself=True),
        )
        return self.offer(request, change)

    def lift(self, request: HttpRequest, kind: str, object_id: uuid.UUID, denial_id: uuid.UUID) -> HttpResponse:
        scope, target = _asked_for(request, kind, object_id)
        denial = next((one for one in denials_on(target) if one.id == denial_id), None)
        if denial is None:
            raise NotFound
        what = _(RIGHTS[denial.right].description) if denial.right else _("Everything")
        change = Change(
            title=_("Lift a denial for %(subject)s") % {"subject": name_of_subject(denial.subject)},
            act=lambda values: lift(scope.actor, kind, denial_id),
            reach=lambda values: _reach(target, denial.subject),
            done=_("The denial is lifted."),
            back=url("rights", kind, object_id),
            verb=_("Lift"),
            lead=_("Denied now: %(what)s. Reason: %(reason)s.")
            % {"what": what, "reason": denial.reason or _("none was given")},
            trail=_trail(scope, target, itself=True),
        )
        return self.offer(request, change)

    def reserve(self, request: HttpRequest, engine_id: uuid.UUID) -> HttpResponse:
        scope, engine = _asked_for(request, ENGINE, engine_id)
        if not isinstance(engine, Engine):
            raise NotFound
        reserved = not engine.reserved
        change = Change(
            title=_("Reserve %(engine)s") % {"engine": engine.name}
            if reserved
            else _("Open %(engine)s to everybody") % {"engine": engine.name},
            act=lambda values: reserve(scope.actor, engine, reserved),
            reach=lambda values: engine,
            done=_("Only those with a grant may use the engine.") if reserved else _("Everybody may use the engine."),
            back=url("rights", ENGINE, engine_id),
            verb=_("Reserve") if reserved else _("Open"),
            lead=_who_uses(engine) if reserved else _("Denials still win."),
            trail=_trail(scope, engine, itself=True),
        )
        return self.offer(request, change)


def _asked_for(request: HttpRequest, kind: str, object_id: uuid.UUID) -> tuple[Scope, Any]:
    """Raises NotFound, and Forbidden where the person sees the object and gives no rights there."""
    scope = scope_of(request)
    if kind not in SHOWN:
        raise NotFound
    return scope, object_for_rights(scope.actor, kind, object_id)


def _trail(scope: Scope, target: Any, *, itself: bool = False) -> Trail:
    if isinstance(target, Department):
        trail, kind = trail_of(scope, target, itself=True), DEPARTMENT
    elif isinstance(target, Workspace):
        trail, kind = workspace_trail(scope, target, itself=True), WORKSPACE
    else:
        trail, kind = ((_("Engines"), url("engines_engine_changelist")), (target.name, _engine_url(target))), ENGINE
    return (*trail, (_("Rights"), url("rights", kind, target.pk))) if itself else trail


def _engine_url(engine: Engine) -> str:
    return url("engines_engine_change", engine.pk)


def _named(subject: Subject) -> dict[str, Any]:
    kind = kind_of_subject(subject)
    labels = {"person": "", "role": _("Holders of the role"), "department": _("People of the department")}
    return {"kind": kind, "id": subject.pk, "name": name_of_subject(subject), "label": labels[kind]}


def _described(names: Iterable[str]) -> list[str]:
    return [_(RIGHTS[name].description) for name in names if name in RIGHTS]


def _holds(scope: Scope, target: Any, right: Action) -> bool:
    """One that a manager may give: what he holds on the object himself."""
    if isinstance(target, Workspace):
        return right.name in scope.rights_at(target.department)
    return False


def _reach(target: Any, subject: Subject) -> Reach | Model:
    """Of an object everybody in it; elsewhere the people that the change is about."""
    if isinstance(target, Workspace):
        return reach_of_workspace(target)
    if isinstance(target, Engine):
        return target
    if isinstance(subject, User):
        return reach_of_person(subject)
    return reach_of_role(subject) if isinstance(subject, Role) else reach_of_department(subject)


def _roles_reaching(department: Department | None) -> Sequence[Mapping[str, Any]]:
    """Roles given at the department or above it, with how many people hold them there."""
    if department is None:
        return []
    reaching = Membership.objects.filter(StartsWith(Value(department.path), F("department__path")))
    return list(
        reaching.values("department", "department__name", "department__path", "role__name")
        .annotate(people=Count("person", distinct=True))
        .order_by("department__path", "role__name")
    )


def _denials_above(scope: Scope, department: Department | None, *, but: Any) -> list[dict[str, Any]]:
    """Of places that are not his to administer no reasons, and nothing about people whom he does not know."""
    if department is None:
        return []
    above = DepartmentDenial.objects.filter(StartsWith(Value(department.path), F("content_object__path")))
    if isinstance(but, Department):
        above = above.filter(~Q(content_object=but))
    rows = above.select_related("content_object", "for_person", "for_role", "for_department")
    found = []
    for row in rows.order_by("content_object__path"):
        subject: Any = row.for_person or row.for_role or row.for_department
        mine = "grant.manage" in scope.rights_at(row.content_object)
        if row.for_person and not mine and not scope.people().filter(pk=row.for_person.pk).exists():
            continue
        found.append(
            {
                "place": row.content_object,
                "subject": _named(subject),
                "right": "" if row.action == EVERY_RIGHT else _(RIGHTS[row.action].description),
                "reason": row.reason if mine else "",
            }
        )
    return found


def _who_uses(engine: Engine) -> str:
    given = sum(1 for grant in grants_on(engine))
    return ngettext(
        "From then on only those with a grant may use it; 1 grant opens it now. Answers in progress are finished.",
        "From then on only those with a grant may use it; %(given)s grants open it now. "
        "Answers in progress are finished.",
        given,
    ) % {"given": given}
