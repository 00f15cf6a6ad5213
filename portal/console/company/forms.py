"""The forms of the company's pages, and their fields: people by name, departments in the order of the tree, rights."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from portal.accounts.models import User
from portal.console.company.scope import Scope
from portal.core.catalogue import RIGHTS, Action
from portal.core.errors import NotFound
from portal.departments.models import Department, Role
from portal.departments.models.tree import EVERY_RIGHT
from portal.departments.subjects import Subject
from portal.departments.targets import subject_called

EM_SPACE = "\u2003"
TOP = "top"
MOST_SUGGESTED = 200


def text_field(label: str, limit: int, *, required: bool = True, hint: str = "", initial: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        help_text=hint,
        initial=initial,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


def long_text_field(label: str, limit: int | None, *, required: bool = False, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=limit,
        required=required,
        help_text=hint,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


def email_field() -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail"), required=False, widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"})
    )


def matching(people: QuerySet[User], text: str) -> QuerySet[User]:
    """Those whose user name, name or address has the text in it."""
    whole = Concat("first_name", Value(" "), "last_name")
    wanted = Q(username__icontains=text) | Q(whole_name__icontains=text) | Q(email__icontains=text)
    return people.alias(whole_name=whole).filter(wanted)


class PersonField(forms.CharField):
    """A person by exact user name, or by a part of the name where that tells one of those the actor knows from others.

    Raises ValidationError as fields do.
    """

    def __init__(self, scope: Scope, **options: Any) -> None:
        options.setdefault("label", _("Person"))
        options.setdefault("help_text", _("User name, or a part of the name."))
        widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "list": "people"})
        super().__init__(max_length=150, widget=widget, **options)
        self._scope = scope

    @property
    def suggestions(self) -> Iterable[User]:
        return self._scope.people().filter(is_active=True)[:MOST_SUGGESTED]

    def clean(self, value: Any) -> User | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            found = subject_called(self._scope.actor, "person", text)
        except NotFound:
            return self._by_part(text)
        return found if isinstance(found, User) else None

    def _by_part(self, text: str) -> User:
        known = list(matching(self._scope.people(), text)[:6])
        if not known:
            raise forms.ValidationError(_("There is no such person."))
        if len(known) > 1:
            names = ", ".join(person.username for person in known[:5]) + (", …" if len(known) > 5 else "")
            raise forms.ValidationError(
                _("Several people are called so: %(names)s. Give the user name.") % {"names": names}
            )
        return known[0]


class DepartmentField(forms.ChoiceField):
    """One of the given departments, indented as in the tree."""

    def __init__(self, departments: Iterable[Department], *, top: bool = False, **options: Any) -> None:
        self._found = {str(department.pk): department for department in departments}
        least = min((department.depth for department in self._found.values()), default=0)
        choices = [("", options.pop("empty_label", _("Choose a department")))]
        choices += [(TOP, _("(at the top of the tree)"))] if top else []
        choices += [(pk, f"{EM_SPACE * (item.depth - least)}{item.name}") for pk, item in self._found.items()]
        options.setdefault("label", _("Department"))
        super().__init__(choices=choices, widget=UnfoldAdminSelectWidget, **options)

    def clean(self, value: Any) -> Any:
        """The department, or ``TOP``; None where nothing was chosen."""
        chosen = super().clean(value)
        return self._found.get(chosen, TOP if chosen == TOP else None)


class RoleField(forms.ChoiceField):
    """A role; to managers those are offered that hold nothing beyond what they hold themselves."""

    def __init__(self, held: Collection[str] | None, **options: Any) -> None:
        roles = Role.objects.prefetch_related("actions").order_by("name")
        self._found = {str(role.pk): role for role in roles if held is None or _rights(role) <= set(held)}
        choices = [("", _("Choose a role")), *((pk, role.name) for pk, role in self._found.items())]
        options.setdefault("label", _("Role"))
        super().__init__(choices=choices, widget=UnfoldAdminSelectWidget, **options)

    def clean(self, value: Any) -> Role | None:
        return self._found.get(super().clean(value))


class RightsField(forms.MultipleChoiceField):
    """Rights with their descriptions, those about content apart from those about administration."""

    def __init__(self, rights: Iterable[Action], **options: Any) -> None:
        offered = list(rights)
        groups = [
            (_("Content"), [(right.name, _(right.description)) for right in offered if not right.administrative]),
            (_("Administration"), [(right.name, _(right.description)) for right in offered if right.administrative]),
        ]
        choices = [(name, members) for name, members in groups if members]
        options.setdefault("label", _("Rights"))
        widget = forms.CheckboxSelectMultiple()
        options.setdefault("error_messages", {"required": _("Choose at least one right.")})
        super().__init__(choices=choices, widget=widget, **options)


class DenialRightField(forms.ChoiceField):
    def __init__(self, rights: Iterable[Action], *, everything: bool) -> None:
        choices = [("every", _("Everything"))] if everything else []
        choices += [(right.name, _(right.description)) for right in rights]
        super().__init__(label=_("What is denied"), choices=choices, widget=UnfoldAdminSelectWidget)

    def clean(self, value: Any) -> str:
        chosen: str = super().clean(value)
        return EVERY_RIGHT if chosen == "every" else chosen


class SubjectForm(forms.Form):
    """Whom a right is given to or denied: exactly one of a person, a department and a role."""

    one_of = True

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data)
        self.fields["person"] = PersonField(scope, required=False)
        self.fields["department"] = DepartmentField(
            scope.departments("department.view"),
            required=False,
            label=_("or the people of a department"),
            help_text=_("Those with a role in it or below it."),
            empty_label=_("(no department)"),
        )
        if scope.is_whole:
            self.fields["role"] = RoleField(None, required=False, label=_("or the holders of a role"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen: list[Subject] = [cleaned[name] for name in ("person", "department", "role") if cleaned.get(name)]
        if len(chosen) != 1 and not self.errors.keys() & {"person", "department", "role"}:
            self.add_error("person", _("Name one: a person, a department or a role."))
        elif chosen:
            cleaned["subject"] = chosen[0]
        return cleaned


def as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _rights(role: Role) -> set[str]:
    return {entry.action for entry in role.actions.all()} & RIGHTS.keys()
