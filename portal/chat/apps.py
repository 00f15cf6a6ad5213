from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "portal.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"
