from django.db import migrations

TABLES = {
    "departments_membership": "INSERT OR UPDATE OR DELETE",
    "departments_workspace_grant": "INSERT OR UPDATE OR DELETE",
    "departments_workspace": "UPDATE OR DELETE",
    "departments_department": "UPDATE OR DELETE",
    # Signing in touches last_login; that changes no right.
    "accounts_user": "UPDATE OF is_active, password, platform_role OR DELETE",
    "django_session": "DELETE",
}

FORWARD = """
CREATE FUNCTION rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('rights', '');
    RETURN NULL;
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_rights AFTER {events} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();\n"
    for table, events in TABLES.items()
)
BACKWARD = "".join(f"DROP TRIGGER {table}_rights ON {table};\n" for table in TABLES) + "DROP FUNCTION rights_changed();"


class Migration(migrations.Migration):
    dependencies = [
        ("departments", "0001_initial"),
        ("accounts", "0001_initial"),
        ("sessions", "0001_initial"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
