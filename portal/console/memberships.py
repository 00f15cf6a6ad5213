from collections.abc import Iterable
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from portal.console.base import ConsoleInline
from portal.console.fields import department_field
from portal.core.actor import Actor
from portal.departments.models import Membership
from portal.departments.services.memberships import give_role, take_role


class MembershipsOfPerson(ConsoleInline):
    model = Membership
    fields = ("department", "role")
    verbose_name_plural = gettext_lazy("Departments")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        found: QuerySet[Membership] = super().get_queryset(request)
        return found.select_related("person", "department", "role")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        for field in formset.form.base_fields.values():
            if isinstance(field, ModelChoiceField):
                # Read once, and not again for every row.
                field.choices = list(cast("Iterable[Any]", field.choices))
        return formset

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department":
            return department_field()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def save_memberships(actor: Actor, formset: Any) -> None:
    """What an inline of memberships asks for, one service call a row."""
    changed = formset.save(commit=False)
    for membership in formset.deleted_objects:
        take_role(actor, membership.person, membership.department, membership.role)
    for membership in changed:
        _save(actor, membership)


@transaction.atomic
def _save(actor: Actor, membership: Membership) -> Membership:
    """A membership that was changed is another one: the old role is taken, the new one given."""
    before = Membership.objects.select_related("person", "department", "role").filter(pk=membership.pk).first()
    given = give_role(actor, membership.person, membership.department, membership.role)
    if before and before.pk != given.pk:
        take_role(actor, before.person, before.department, before.role)
    return given
