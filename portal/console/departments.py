from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from portal.accounts.door import actor_of
from portal.console.base import ConsoleAdmin, adopt
from portal.console.fields import ConsoleForm, department_field
from portal.console.memberships import MembershipsOfDepartment, save_memberships
from portal.departments.models import Department
from portal.departments.services.tree import create_department, move_department, rename_department

EM_SPACE = "\u2003"


class DepartmentForm(ConsoleForm):
    parent = department_field(label="Under", required=False, empty_label="(at the top)")

    class Meta:
        model = Department
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial.setdefault("parent", Department.objects.get_parent(self.instance))

    def clean_parent(self) -> Department | None:
        parent: Department | None = self.cleaned_data["parent"]
        if parent and not self.instance._state.adding and parent.path.startswith(self.instance.path):
            raise ValidationError("A department cannot be moved below itself.")
        return parent


class DepartmentAdmin(ConsoleAdmin):
    heading = "Departments"
    form = DepartmentForm
    fields = ("name", "parent")
    list_display = ("in_tree", "people", "rooms")
    search_fields = ("name",)
    ordering = ("path",)
    list_per_page = 200
    inlines = (MembershipsOfDepartment,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        found: QuerySet[Department] = Department.objects.annotate(
            member_count=Count("memberships", distinct=True), workspace_count=Count("workspaces", distinct=True)
        ).order_by("path")
        return found

    @display(description="department")
    def in_tree(self, department: Department) -> SafeString:
        return format_html("{}{}", EM_SPACE * 2 * (department.depth - 1), department.name)

    @display(description="members")
    def people(self, department: Any) -> int:
        count: int = department.member_count
        return count

    @display(description="workspaces")
    def rooms(self, department: Any) -> int:
        count: int = department.workspace_count
        return count

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor, parent = actor_of(request), form.cleaned_data["parent"]
        if not change:
            adopt(obj, create_department(actor, form.cleaned_data["name"], parent).pk)
            return
        rename_department(actor, obj, form.cleaned_data["name"])
        if "parent" in form.changed_data:
            move_department(actor, obj, parent)
        adopt(obj, obj.pk)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        save_memberships(actor_of(request), formset)
