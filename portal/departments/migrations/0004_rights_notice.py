from django.db import migrations

TABLES = (
    "departments_role_action",
    "departments_workspace_subject_grant",
    "departments_department_denial",
    "departments_workspace_denial",
)


class Migration(migrations.Migration):
    dependencies = [("departments", "0003_rights")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_rights AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION rights_changed()",
            f"DROP TRIGGER {table}_rights ON {table}",
        )
        for table in TABLES
    ]
