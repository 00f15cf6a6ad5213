"""Versions are only ever added, and every process hears of them at the commit."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION configuration_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'versions of settings are append-only';
END $$;
CREATE TRIGGER configuration_version_append_only BEFORE UPDATE OR DELETE ON configuration_version
    FOR EACH ROW EXECUTE FUNCTION configuration_append_only();
CREATE TRIGGER configuration_version_no_truncate BEFORE TRUNCATE ON configuration_version
    FOR EACH STATEMENT EXECUTE FUNCTION configuration_append_only();

CREATE FUNCTION configuration_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('configuration', '');
    RETURN NULL;
END $$;
CREATE TRIGGER configuration_version_notice AFTER INSERT ON configuration_version
    FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
"""
BACKWARD = """
DROP TRIGGER configuration_version_notice ON configuration_version;
DROP FUNCTION configuration_changed();
DROP TRIGGER configuration_version_no_truncate ON configuration_version;
DROP TRIGGER configuration_version_append_only ON configuration_version;
DROP FUNCTION configuration_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("configuration", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
