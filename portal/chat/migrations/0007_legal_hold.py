from django.db import migrations

from portal.retention.guards import guard, unguard

# An answer's text is written once, when its run ends; until then it is empty.
FORWARD = guard(
    "chat_conversation",
    "workspace_id, owner_id FROM {gone}"
    # Whoever asked in it counts as well.
    " UNION SELECT run.workspace_id, run.owner_id FROM {gone} JOIN chat_message message"
    " ON message.conversation_id = gone.id JOIN runs_run run ON run.id = message.run_id",
    columns="workspace_id, owner_id",
    when="OLD.workspace_id <> NEW.workspace_id OR OLD.owner_id <> NEW.owner_id",
) + guard(
    "chat_message",
    "conversation.workspace_id, conversation.owner_id"
    " FROM {gone} JOIN chat_conversation conversation ON conversation.id = gone.conversation_id"
    " UNION SELECT run.workspace_id, run.owner_id FROM {gone} JOIN runs_run run ON run.id = gone.run_id"
    " UNION SELECT run.workspace_id, run.owner_id FROM {gone} JOIN chat_message answer ON answer.parent_id = gone.id"
    " JOIN runs_run run ON run.id = answer.run_id",
    columns="conversation_id, run_id, author, text, reasoning",
    when="OLD.conversation_id <> NEW.conversation_id OR OLD.author <> NEW.author"
    " OR OLD.run_id IS NOT NULL AND OLD.run_id IS DISTINCT FROM NEW.run_id"
    " OR OLD.text <> '' AND OLD.text <> NEW.text OR OLD.reasoning <> '' AND OLD.reasoning <> NEW.reasoning",
)
BACKWARD = unguard("chat_message") + unguard("chat_conversation")


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_oldest_of_workspace"), ("retention", "0002_guards")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
