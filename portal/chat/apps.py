from django.apps import AppConfig

from portal.core.catalogue import CONVERSATION
from portal.retention.keepers import register, register_dependants


class ChatConfig(AppConfig):
    name = "portal.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The models are there only now.
        from portal.chat import telling  # noqa: PLC0415
        from portal.chat.access import require_sharing  # noqa: PLC0415
        from portal.chat.comments.keeping import CommentKeeper, parts_of_messages  # noqa: PLC0415
        from portal.chat.deleted_keeping import DeletedConversationKeeper  # noqa: PLC0415
        from portal.chat.keeping import ConversationKeeper  # noqa: PLC0415
        from portal.chat.models import Message  # noqa: PLC0415
        from portal.departments.authority import register_authority  # noqa: PLC0415
        from portal.notices.kinds import register_look  # noqa: PLC0415

        register_authority(CONVERSATION, require_sharing)
        register(ConversationKeeper())
        register(DeletedConversationKeeper())
        register(CommentKeeper())
        register_dependants(Message, parts_of_messages)
        register_look(telling.KINDS, telling.look)
