from typing import Any

from django.db import transaction
from django.http import HttpRequest

from portal.accounts.door import actor_of
from portal.console.base import ConsoleAdmin, ConsoleInline, adopt
from portal.console.fields import ConsoleForm, department_field
from portal.core.actor import Actor
from portal.departments.models import Membership
from portal.departments.services.memberships import give_role, take_role


class MembershipForm(ConsoleForm):
    class Meta:
        model = Membership
        fields = ("person", "department", "role")


class MembershipAdmin(ConsoleAdmin):
    heading = "Memberships"
    form = MembershipForm
    list_display = ("person", "department", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("person", "department")
    search_fields = ("person__username", "person__last_name", "department__name")
    autocomplete_fields = ("person",)
    ordering = ("department__path", "person__username")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department":
            return department_field()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ("person", "department") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return actor_of(request).is_platform_administrator

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        adopt(obj, _save(actor_of(request), obj).pk)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        take_role(actor_of(request), obj.person, obj.department, obj.role)


class MembershipsOfPerson(ConsoleInline):
    model = Membership
    fields = ("department", "role")
    verbose_name_plural = "Departments"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department":
            return department_field()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MembershipsOfDepartment(ConsoleInline):
    model = Membership
    fields = ("person", "role")
    autocomplete_fields = ("person",)
    verbose_name_plural = "People"


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
