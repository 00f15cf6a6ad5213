"""What a hold covers, and that holds stay as they were placed."""

from django.db import migrations

from portal.retention.guards import LOCK

FORWARD = f"""
CREATE FUNCTION retention_held(workspace uuid, person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM retention_hold hold WHERE hold.released_at IS NULL AND (hold.person_id = person OR EXISTS (
            SELECT FROM retention_held_workspace held
            WHERE held.hold_id = hold.id AND held.workspace_id = workspace)))
$$;

CREATE FUNCTION retention_cover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({LOCK});
    INSERT INTO retention_held_workspace (hold_id, workspace_id)
    SELECT id, workspace_id FROM retention_hold WHERE released_at IS NULL AND workspace_id IS NOT NULL
    UNION
    SELECT hold.id, workspace.id
    FROM retention_hold hold JOIN departments_department top ON top.id = hold.department_id
        JOIN departments_department below ON starts_with(below.path, top.path)
        JOIN departments_workspace workspace ON workspace.department_id = below.id
    WHERE hold.released_at IS NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER retention_hold_cover AFTER INSERT ON retention_hold
    FOR EACH STATEMENT EXECUTE FUNCTION retention_cover();
CREATE TRIGGER departments_workspace_cover AFTER INSERT OR UPDATE OF department_id ON departments_workspace
    FOR EACH STATEMENT EXECUTE FUNCTION retention_cover();
CREATE TRIGGER departments_department_cover AFTER UPDATE OF path ON departments_department
    FOR EACH STATEMENT EXECUTE FUNCTION retention_cover();

CREATE FUNCTION retention_hold_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({LOCK});
    RETURN NULL;
END $$;
CREATE TRIGGER retention_hold_alone BEFORE INSERT OR UPDATE OR DELETE ON retention_hold
    FOR EACH STATEMENT EXECUTE FUNCTION retention_hold_alone();

CREATE FUNCTION retention_hold_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_change text[] := CASE WHEN OLD.released_at IS NULL THEN ARRAY['released_at', 'released_by_id']
        ELSE ARRAY['department_id', 'workspace_id', 'person_id'] END;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - may_change = to_jsonb(NEW) - may_change THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a legal hold can only be released' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER retention_hold_stays BEFORE UPDATE OR DELETE ON retention_hold
    FOR EACH ROW EXECUTE FUNCTION retention_hold_stays();

CREATE FUNCTION retention_held_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM retention_hold WHERE id = OLD.hold_id AND released_at IS NULL) THEN
        RAISE EXCEPTION 'the workspace is under legal hold' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER retention_held_stays BEFORE UPDATE OR DELETE ON retention_held_workspace
    FOR EACH ROW EXECUTE FUNCTION retention_held_stays();

CREATE FUNCTION retention_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({LOCK});
    IF EXISTS (SELECT FROM retention_hold WHERE released_at IS NULL) THEN
        RAISE EXCEPTION '% cannot be emptied while there is a legal hold', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER retention_hold_truncate BEFORE TRUNCATE ON retention_hold
    FOR EACH STATEMENT EXECUTE FUNCTION retention_no_truncate();
CREATE TRIGGER retention_held_workspace_truncate BEFORE TRUNCATE ON retention_held_workspace
    FOR EACH STATEMENT EXECUTE FUNCTION retention_no_truncate();
"""

BACKWARD = """
DROP TRIGGER departments_department_cover ON departments_department;
DROP TRIGGER departments_workspace_cover ON departments_workspace;
DROP TRIGGER retention_held_workspace_truncate ON retention_held_workspace;
DROP TRIGGER retention_held_stays ON retention_held_workspace;
DROP TRIGGER retention_hold_truncate ON retention_hold;
DROP TRIGGER retention_hold_stays ON retention_hold;
DROP TRIGGER retention_hold_alone ON retention_hold;
DROP TRIGGER retention_hold_cover ON retention_hold;
DROP FUNCTION retention_no_truncate();
DROP FUNCTION retention_held_stays();
DROP FUNCTION retention_hold_stays();
DROP FUNCTION retention_hold_alone();
DROP FUNCTION retention_cover();
DROP FUNCTION retention_held(uuid, uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_initial"), ("departments", "0002_rights_notice")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
