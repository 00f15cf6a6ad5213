from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "portal.console"
    label = "portal_console"
