from django.apps import AppConfig

from portal.retention.keepers import register


class ChatConfig(AppConfig):
    name = "portal.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.chat.keeping import ConversationKeeper  # noqa: PLC0415 - models need the loaded apps

        register(ConversationKeeper())
