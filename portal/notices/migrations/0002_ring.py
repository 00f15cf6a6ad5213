from django.db import migrations

FORWARD = """
CREATE FUNCTION notice_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('notices', NEW.person_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER notices_notice_told AFTER INSERT ON notices_notice FOR EACH ROW EXECUTE FUNCTION notice_told();
"""
BACKWARD = "DROP TRIGGER notices_notice_told ON notices_notice; DROP FUNCTION notice_told();"


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
