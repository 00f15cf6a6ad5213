"""Workspaces to choose from in the fields of other pages; their own pages are the company's."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from portal.accounts.door import actor_of
from portal.console.base import ReadOnlyAdmin
from portal.departments.models import Workspace
from portal.retention.access import RIGHT


class WorkspaceChoice(ReadOnlyAdmin):
    heading = gettext_lazy("Workspaces")
    list_display = ("name", "department")
    list_select_related = ("department",)
    search_fields = ("name", "department__name")
    ordering = ("department__path", "name")
    fields = ("name", "department", "purpose", "archived")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        """Whoever has no platform role chooses among those whose retention he manages."""
        actor = actor_of(request)
        return Workspace.objects.all() if actor.has_platform_role else Workspace.objects.allowed(actor, RIGHT)
