"""Why a person may do something, or may not; and what a person sees at all."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Value
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from portal.accounts.models import User
from portal.console.company.base import PAGE_LENGTH, Pages, url
from portal.console.company.forms import EM_SPACE, PersonField, as_uuid
from portal.console.company.reasons import reasons_of
from portal.console.company.scope import Scope, scope_of
from portal.core.catalogue import DEPARTMENT, ENGINE, RIGHTS, WORKSPACE, rights_on
from portal.core.errors import AppError, NotFound
from portal.departments.explain import Explanation, Ground, explain
from portal.departments.models import Membership, Whom, Workspace
from portal.departments.targets import object_for_rights
from portal.engines.models import Engine

OF_WORKSPACE = rights_on(WORKSPACE)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the chain, in a sentence, and where it can be changed."""

    sentence: str
    gives: bool
    address: str


class WhyForm(forms.Form):
    def __init__(self, given: Any, scope: Scope) -> None:
        super().__init__(given)
        self.fields["person"] = PersonField(scope)
        self.fields["about"] = forms.ChoiceField(
            label=_("What"), choices=_objects(scope), widget=UnfoldAdminSelectWidget
        )
        self.fields["right"] = forms.ChoiceField(
            label=_("Right"),
            choices=[(name, gettext_lazy(right.description)) for name, right in RIGHTS.items()],
            widget=UnfoldAdminSelectWidget,
        )


class WhyPages(Pages):
    def urls(self) -> list[URLPattern]:
        return [
            self.open("why/", self.why, "why", "rights.explain"),
            self.open("people/<uuid:person_id>/", self.person, "person", "rights.explain"),
        ]

    def why(self, request: HttpRequest) -> HttpResponse:
        """All in the address, so that a question can be kept and sent on."""
        scope = scope_of(request)
        asked = {name for name in ("person", "about", "right") if request.GET.get(name)}
        form = WhyForm(request.GET if len(asked) == 3 else None, scope)
        found, links, status = None, list[Link](), 200
        if asked and len(asked) < 3:
            form.initial = {name: request.GET[name][:150] for name in asked}
        elif asked:
            found, status = _explained(scope, form)
            links = _links(scope, found) if found else []
        response = self.show(
            request,
            "why",
            "Why?",
            form=form,
            found=found,
            links=links,
            right=_(RIGHTS[found.right].description) if found else "",
            about=dict(_flat(form.fields["about"])).get(request.GET.get("about", ""), "").strip(),
        )
        response.status_code = status
        return response

    def person(self, request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
        """What of the workspaces whose rights one administers a person sees, with which rights, and through what."""
        scope = scope_of(request)
        person = scope.person(person_id)
        administered = Workspace.objects.allowed(scope.actor, "grant.manage")
        seen = Workspace.objects.allowed_to(Whom(person.pk), "workspace.view") if person.is_active else None
        listed = administered.filter(pk__in=seen.order_by().values("pk")) if seen is not None else administered.none()
        ordered = listed.select_related("department").order_by("department__path", "name")
        page = Paginator(ordered, PAGE_LENGTH).get_page(request.GET.get("page", "1"))
        workspaces = list(page.object_list)
        rights = _rights(person, workspaces)
        reasons = reasons_of(person, workspaces)
        roles = Membership.objects.filter(person=person).select_related("department", "role")
        own = [one for one in roles.order_by("department__path") if scope.administers(one.department)]
        return self.show(
            request,
            "person",
            person.display_name(),
            person=person,
            page=page,
            rows=[(workspace, rights[workspace.pk], reasons[workspace.pk]) for workspace in workspaces],
            memberships=own,
            whole=scope.is_whole,
            invited=person.is_active and not person.has_usable_password(),
            trail=((_("People"), url("people")),),
        )


def _explained(scope: Scope, form: WhyForm) -> tuple[Explanation | None, int]:
    if not form.is_valid():
        return None, 400
    kind, pk = form.cleaned_data["about"].partition(":")[::2]
    try:
        target = object_for_rights(scope.actor, kind, as_uuid(pk) or uuid.uuid4())
        return explain(scope.actor, form.cleaned_data["person"], form.cleaned_data["right"], target), 200
    except NotFound:
        raise
    except AppError as error:
        form.add_error("right" if error.code == "unknown_right" else None, error.message)
        return None, error.status


def _objects(scope: Scope) -> list[Any]:
    """What the person gives rights on, by kind."""
    departments = scope.departments("grant.manage")
    least = min((one.depth for one in departments), default=0)
    workspaces = Workspace.objects.allowed(scope.actor, "grant.manage").select_related("department")
    groups = [
        (
            _("Workspaces"),
            [
                (f"{WORKSPACE}:{one.pk}", f"{one.name} ({one.department.name})")
                for one in workspaces.order_by("department__path", "name")
            ],
        ),
        (
            _("Departments"),
            [(f"{DEPARTMENT}:{one.pk}", f"{EM_SPACE * (one.depth - least)}{one.name}") for one in departments],
        ),
    ]
    if scope.is_whole:
        groups.append((_("Engines"), [(f"{ENGINE}:{one.pk}", one.name) for one in Engine.objects.order_by("name")]))
    return [("", _("Choose")), *((name, members) for name, members in groups if members)]


def _flat(field: Any) -> Iterable[tuple[str, str]]:
    for value, label in field.choices:
        yield from label if isinstance(label, list) else [(value, label)]


def _rights(person: User, workspaces: list[Workspace]) -> dict[uuid.UUID, list[str]]:
    """By workspace: what the person may do there; one statement for all rights."""
    ids = [workspace.pk for workspace in workspaces]
    found: dict[uuid.UUID, list[str]] = {pk: [] for pk in ids}
    parts = [
        Workspace.objects.filter(pk__in=ids)
        .allowed_to(Whom(person.pk), right.name)
        .order_by()
        .values_list("pk", Value(right.name))
        for right in OF_WORKSPACE
    ]
    for workspace_id, name in parts[0].union(*parts[1:], all=True) if ids else ():
        found[workspace_id].append(name)
    order = [right.name for right in OF_WORKSPACE]
    return {pk: [_(RIGHTS[name].description) for name in sorted(names, key=order.index)] for pk, names in found.items()}


def _links(scope: Scope, found: Explanation) -> list[Link]:
    """What takes the right first, since that decides."""
    ordered = sorted(found.grounds, key=lambda ground: ground.gives)
    ids = (ground.place_id for ground in ordered if ground.place[0] in (DEPARTMENT, WORKSPACE))
    places = {place for place in ids if place}
    departments = {one.pk for one in scope.departments() if one.pk in places} if places else set()
    workspaces = set(scope.workspaces().filter(pk__in=places).values_list("pk", flat=True)) if places else set()
    return [
        Link(_sentence(one, found), one.gives, _address(scope, one, found, departments | workspaces)) for one in ordered
    ]


def _address(scope: Scope, ground: Ground, found: Explanation, mine: set[Any]) -> str:
    """Where it can be changed; empty where whoever asks cannot get there."""
    kind, place = ground.place[0], ground.place_id
    if ground.how in ("suspended", "platform role"):
        return url("accounts_user_change", found.person.pk) if scope.is_whole else ""
    if kind == ENGINE:
        return url("rights", ENGINE, place) if scope.is_whole else ""
    if place not in mine:
        return ""
    if ground.how == "role":
        return f"{url('department', place)}?q={found.person.username}"
    return url("workspace", place) if ground.how == "closed" else url("rights", kind, place)


def _sentence(ground: Ground, found: Explanation) -> str:
    name, place = ground.subject[1], ground.place[1]
    whom = {
        "person": found.person.display_name(),
        "role": _("the holders of the role %(name)s") % {"name": name},
        "department": _("the people of %(name)s") % {"name": name},
        "workspace": _("everyone who may open %(name)s") % {"name": name},
    }.get(ground.subject[0], name)
    values = {"name": name, "place": place, "whom": whom, "person": found.person.display_name(), "reason": ground.note}
    denied = (
        _("Denied for %(whom)s at %(place)s: %(reason)s") if ground.note else _("Denied for %(whom)s at %(place)s.")
    )
    return {
        "role": _("%(name)s at %(place)s gives it."),
        "grant": _("It was given to %(whom)s on %(place)s."),
        "everybody": _("Everybody may use %(place)s, since it is not reserved."),
        "platform role": _("Platform administrators hold it everywhere."),
        "denial": denied,
        "suspended": _("%(person)s is suspended."),
        "closed": _("%(place)s is archived, so that nobody works in it."),
        "not opened": _("%(person)s may not open %(place)s."),
    }[ground.how] % values
