from django.db import migrations

# Whoever asked a question also had it answered first.
OTHERS = """
UPDATE chat_message question SET person_id = asked.owner_id
FROM (
    SELECT DISTINCT ON (answer.parent_id) answer.parent_id, run.owner_id, answer.conversation_id
    FROM chat_message answer JOIN runs_run run ON run.id = answer.run_id
    ORDER BY answer.parent_id, answer.created_at
) asked JOIN chat_conversation conversation ON conversation.id = asked.conversation_id
WHERE question.id = asked.parent_id AND question.author = 'user' AND asked.owner_id <> conversation.owner_id
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0020_message_person"), ("chat", "0031_sharing_guards"), ("runs", "0010_waits_for")]
    operations = [migrations.RunSQL(OTHERS, migrations.RunSQL.noop)]
