from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "portal.workspace"
    label = "portal_workspace"
