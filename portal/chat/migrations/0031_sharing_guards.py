"""Comments under the guard of legal holds, and the notice of a conversation that is opened, closed or moved."""

from django.db import migrations

from portal.retention.guards import guard, unguard

FORWARD = (
    guard(
        "chat_comment",
        "conversation.workspace_id, conversation.owner_id"
        " FROM {gone} JOIN chat_conversation conversation ON conversation.id = gone.conversation_id"
        # Whoever wrote it counts as well.
        " UNION SELECT conversation.workspace_id, gone.author_id"
        " FROM {gone} JOIN chat_conversation conversation ON conversation.id = gone.conversation_id",
        columns="conversation_id, message_id, author_id, text",
        when="OLD.conversation_id <> NEW.conversation_id OR OLD.message_id <> NEW.message_id"
        " OR OLD.author_id <> NEW.author_id OR OLD.text <> NEW.text",
    )
    + """
CREATE TRIGGER chat_conversation_rights AFTER UPDATE OF open_to, workspace_id ON chat_conversation
    FOR EACH ROW WHEN (OLD.open_to <> NEW.open_to OR OLD.workspace_id <> NEW.workspace_id)
    EXECUTE FUNCTION rights_changed();
"""
)
BACKWARD = "DROP TRIGGER chat_conversation_rights ON chat_conversation;\n" + unguard("chat_comment")


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0030_sharing_and_comments"),
        ("departments", "0002_rights_notice"),
        ("retention", "0002_guards"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
