from django.db import migrations

TABLES = (
    "chat_conversation_grant",
    "chat_conversation_subject_grant",
    "chat_conversation_denial",
)


class Migration(migrations.Migration):
    dependencies = [("chat", "0004_rights_subjects"), ("departments", "0004_rights_notice")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_rights AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION rights_changed()",
            f"DROP TRIGGER {table}_rights ON {table}",
        )
        for table in TABLES
    ]
