from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanSwitchWidget

from portal.accounts.door import actor_of
from portal.console.base import ConsoleAdmin, adopt
from portal.console.fields import ConsoleForm, department_field
from portal.departments.grants import USE, give, given_rights, withdraw
from portal.departments.models import Workspace, WorkspaceGrant
from portal.departments.services.workspaces import archive_workspace, change_workspace, create_workspace


class WorkspaceForm(ConsoleForm):
    class Meta:
        model = Workspace
        fields = ("department", "name", "purpose", "archived")
        widgets = {"archived": UnfoldBooleanSwitchWidget()}
        help_texts = {"archived": "Nobody can open an archived workspace; its conversations stay stored."}


class WorkspaceAdmin(ConsoleAdmin):
    heading = "Workspaces"
    form = WorkspaceForm
    list_display = ("name", "department", "purpose", "state")
    list_filter = ("archived",)
    list_select_related = ("department",)
    search_fields = ("name", "department__name")
    ordering = ("department__path", "name")
    fieldsets = ((None, {"fields": ("department", "name", "purpose", "archived")}),)
    add_fieldsets = ((None, {"fields": ("department", "name", "purpose")}),)

    @display(description="state", ordering="archived", label={"open": "success", "archived": "warning"})
    def state(self, workspace: Workspace) -> str:
        return "archived" if workspace.archived else "open"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return department_field()

    def get_readonly_fields(self, request: HttpRequest, obj: Workspace | None = None) -> tuple[str, ...]:
        return ("department",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor, cleaned = actor_of(request), form.cleaned_data
        if not change:
            made = create_workspace(actor, cleaned["department"], cleaned["name"], cleaned["purpose"])
            adopt(obj, made.pk)
            return
        change_workspace(actor, obj, cleaned["name"], cleaned["purpose"])
        archive_workspace(actor, obj, cleaned["archived"])
        adopt(obj, obj.pk)


class GrantForm(ConsoleForm):
    class Meta:
        model = WorkspaceGrant
        fields = ("user", "content_object")
        labels = {"user": "Person", "content_object": "Workspace"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        person, workspace = cleaned.get("user"), cleaned.get("content_object")
        if person and workspace and WorkspaceGrant.objects.filter(user=person, content_object=workspace).exists():
            raise ValidationError("This person already has a grant for the workspace.")
        return cleaned


class GrantAdmin(ConsoleAdmin):
    """A grant is given or withdrawn, never changed."""

    heading = "Grants"
    form = GrantForm
    list_display = ("person", "workspace", "department", "right")
    list_select_related = ("user", "content_object__department", "permission")
    search_fields = ("user__username", "content_object__name")
    autocomplete_fields = ("user", "content_object")
    ordering = ("content_object__name", "user__username")
    fields = ("user", "content_object")

    @display(description="person", ordering="user__username")
    def person(self, grant: WorkspaceGrant) -> str:
        return str(grant.user)

    @display(description="workspace", ordering="content_object__name")
    def workspace(self, grant: WorkspaceGrant) -> str:
        return str(grant.content_object)

    @display(description="department")
    def department(self, grant: WorkspaceGrant) -> str:
        return str(grant.content_object.department)

    @display(description="right")
    def right(self, grant: WorkspaceGrant) -> str:
        return str(grant.permission.name)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return actor_of(request).is_platform_administrator

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        give(actor_of(request), obj.user, obj.content_object, USE)
        given = WorkspaceGrant.objects.filter(user=obj.user, content_object=obj.content_object).latest("pk")
        adopt(obj, given.pk)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        withdraw(actor_of(request), obj.user, obj.content_object, given_rights(obj.user, obj.content_object))
