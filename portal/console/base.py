"""What all pages of the console share: rights by the actor, changes through services, no second journal."""

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin, TabularInline

from portal.accounts.door import actor_of
from portal.audit.scene import current_scene
from portal.core.errors import AppError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class AdministratorsOnly:
    """Django's model permissions are not asked: a platform administrator may, nobody else."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).is_platform_administrator

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return actor_of(request).is_platform_administrator

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return actor_of(request).is_platform_administrator

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return actor_of(request).is_platform_administrator

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ConsoleAdmin(AdministratorsOnly, ModelAdmin):
    """A model's pages. ``save_model`` of each hands the change to the services of the model's room."""

    heading: "StrOrPromise" = ""
    actions = None
    # Without actions unfold would write an inline style element.
    actions_on_top = True
    compressed_fields = False
    list_per_page = 50
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the list's own filters ask for.

        Django lets an address filter by any column of the model, and so by parts of a password's hash.
        """
        return lookup in declared_lookups(self)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        raise NotImplementedError(f"{type(self).__name__} must save through a service")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} must delete through a service")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        page: HttpResponse = super().changelist_view(request, {"heading": self.heading, **(extra_context or {})})
        return page

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        # One way to save: what is saved is looked at, and the list leads to the next.
        plain = {"show_save_and_add_another": False, "show_save_and_continue": False}
        context = {"heading": self.heading, **plain, **(extra_context or {})}
        try:
            page: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        except AppError as error:
            # A service refused the change, and its transaction is rolled back.
            if request.method != "POST":
                raise
            current_scene().undo(error.code)
            self.message_user(request, error.message, messages.ERROR)
            return redirect(request.get_full_path())
        return page

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"heading": self.heading, **(extra_context or {})}
        page: HttpResponse = super().delete_view(request, object_id, context)
        return page

    # The audit journal keeps what was done; Django's own log would be a second, editable one.
    def log_addition(self, request: HttpRequest, obj: Model, message: object) -> None:
        return None

    def log_change(self, request: HttpRequest, obj: Model, message: object) -> None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: object) -> None:
        return None

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for ability in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if field is not None and hasattr(field.widget, ability):
                setattr(field.widget, ability, False)
        return field


def declared_lookups(admin: ConsoleAdmin) -> set[str]:
    """The parameters of the links that ``list_filter`` and ``date_hierarchy`` make; filters are named by field."""
    found = set[str]()
    for name in admin.list_filter:
        field = get_fields_from_path(admin.model, name)[-1]
        found |= {f"{name}__id__exact" if field.is_relation else f"{name}__exact", f"{name}__isnull"}
    if admin.date_hierarchy:
        found |= {f"{admin.date_hierarchy}__{part}" for part in ("year", "month", "day")}
    return found


class ReadOnlyAdmin(ConsoleAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ConsoleInline(AdministratorsOnly, TabularInline):
    extra = 0
    show_change_link = False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return actor_of(request).is_platform_administrator


def adopt(obj: Model, saved_id: uuid.UUID | int) -> None:
    """Make the form's instance stand for the row that a service has written."""
    obj.pk = saved_id
    obj._state.adding = False
    obj.refresh_from_db()
