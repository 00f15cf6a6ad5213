from django.db import migrations

TABLES = (
    "engines_engine_grant",
    "engines_engine_subject_grant",
    "engines_engine_denial",
)


class Migration(migrations.Migration):
    dependencies = [("engines", "0002_rights"), ("departments", "0004_rights_notice")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_rights AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION rights_changed()",
            f"DROP TRIGGER {table}_rights ON {table}",
        )
        for table in TABLES
    ]
