"""Workspaces to choose from in the fields of other pages; their own pages are the company's."""

from portal.console.base import ReadOnlyAdmin


class WorkspaceChoice(ReadOnlyAdmin):
    heading = "Workspaces"
    list_display = ("name", "department")
    list_select_related = ("department",)
    search_fields = ("name", "department__name")
    ordering = ("department__path", "name")
    fields = ("name", "department", "purpose", "archived")
