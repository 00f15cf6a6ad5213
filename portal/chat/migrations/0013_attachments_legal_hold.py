from django.db import migrations

from portal.retention.guards import guard, unguard

FORWARD = guard(
    "chat_attachment",
    "conversation.workspace_id, conversation.owner_id FROM {gone}"
    " JOIN chat_message message ON message.id = gone.message_id"
    " JOIN chat_conversation conversation ON conversation.id = message.conversation_id"
    " UNION SELECT file.workspace_id, file.owner_id FROM {gone} JOIN files_file file ON file.id = gone.file_id",
)


class Migration(migrations.Migration):
    dependencies = [("chat", "0012_attachments"), ("files", "0002_legal_hold")]
    operations = [migrations.RunSQL(FORWARD, unguard("chat_attachment"))]
