from django.apps import AppConfig

from portal.core.catalogue import CONVERSATION
from portal.retention.keepers import register


class ChatConfig(AppConfig):
    name = "portal.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The models are there only now.
        from portal.chat.access import require_sharing  # noqa: PLC0415
        from portal.chat.deleted_keeping import DeletedConversationKeeper  # noqa: PLC0415
        from portal.chat.keeping import ConversationKeeper  # noqa: PLC0415
        from portal.departments.authority import register_authority  # noqa: PLC0415

        register_authority(CONVERSATION, require_sharing)
        register(ConversationKeeper())
        register(DeletedConversationKeeper())
