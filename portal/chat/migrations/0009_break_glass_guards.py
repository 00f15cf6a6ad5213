from django.db import migrations

FORWARD = """
-- What was asked stays as it was; it is decided once, and an approved one is ended once.
CREATE FUNCTION break_glass_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.asker_id, NEW.reason, NEW.hours, NEW.workspace_id, NEW.owner_id, NEW.conversation_id, NEW.asked_at)
        IS DISTINCT FROM
        (OLD.id, OLD.asker_id, OLD.reason, OLD.hours, OLD.workspace_id, OLD.owner_id, OLD.conversation_id, OLD.asked_at)
    THEN
        RAISE EXCEPTION 'what a break-glass request asks for cannot be changed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.decision <> '' AND (NEW.decision, NEW.decided_by_id, NEW.decided_at, NEW.expires_at)
        IS DISTINCT FROM (OLD.decision, OLD.decided_by_id, OLD.decided_at, OLD.expires_at)
    THEN
        RAISE EXCEPTION 'a break-glass request is decided once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.ended_by_id) IS DISTINCT FROM (OLD.ended_at, OLD.ended_by_id)
    THEN
        RAISE EXCEPTION 'a break-glass access is ended once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- Nobody's access begins with the request itself.
CREATE FUNCTION break_glass_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decision <> '' THEN
        RAISE EXCEPTION 'a break-glass request begins undecided' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER chat_break_glass_stays BEFORE UPDATE ON chat_break_glass
    FOR EACH ROW EXECUTE FUNCTION break_glass_stays();
CREATE TRIGGER chat_break_glass_begins BEFORE INSERT ON chat_break_glass
    FOR EACH ROW EXECUTE FUNCTION break_glass_begins();
CREATE TRIGGER chat_break_glass_rights AFTER UPDATE OR DELETE ON chat_break_glass
    FOR EACH STATEMENT EXECUTE FUNCTION rights_changed();
ALTER TABLE chat_break_glass_read ADD CONSTRAINT chat_break_glass_read_of_conversation
    FOREIGN KEY (conversation_id) REFERENCES chat_conversation (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = """
ALTER TABLE chat_break_glass_read DROP CONSTRAINT chat_break_glass_read_of_conversation;
DROP TRIGGER chat_break_glass_rights ON chat_break_glass;
DROP TRIGGER chat_break_glass_begins ON chat_break_glass;
DROP TRIGGER chat_break_glass_stays ON chat_break_glass;
DROP FUNCTION break_glass_begins();
DROP FUNCTION break_glass_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0008_break_glass"), ("departments", "0002_rights_notice")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
