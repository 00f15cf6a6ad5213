from typing import Any

from django.http import HttpRequest

from portal.accounts.door import actor_of
from portal.console.base import ConsoleAdmin, ConsoleInline, adopt
from portal.console.fields import ConsoleForm, department_field
from portal.core.actor import Actor
from portal.departments.choices import Role
from portal.departments.models import Membership
from portal.departments.services import end_membership, set_membership


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
        saved = set_membership(actor_of(request), obj.person, obj.department, Role(obj.role))
        adopt(obj, saved.pk)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        end_membership(actor_of(request), obj.person, obj.department)


class MembershipsOfPerson(ConsoleInline):
    model = Membership
    fields = ("department", "role")
    verbose_name_plural = "Departments"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return department_field()


class MembershipsOfDepartment(ConsoleInline):
    model = Membership
    fields = ("person", "role")
    autocomplete_fields = ("person",)
    verbose_name_plural = "People"


def save_memberships(actor: Actor, formset: Any) -> None:
    """What an inline of memberships asks for, one service call a row."""
    changed = formset.save(commit=False)
    for membership in formset.deleted_objects:
        end_membership(actor, membership.person, membership.department)
    for membership in changed:
        before = Membership.objects.select_related("person", "department").filter(pk=membership.pk).first()
        if before and (before.person_id, before.department_id) != (membership.person_id, membership.department_id):
            end_membership(actor, before.person, before.department)
        set_membership(actor, membership.person, membership.department, Role(membership.role))
