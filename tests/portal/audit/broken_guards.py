"""What the owner of the tables might do to the triggers and functions that guard the journal."""

SWALLOW = """
CREATE OR REPLACE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER swallow BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION swallow()
"""

EXECUTE = "EXECUTE FUNCTION audit_append_only()"
REPLACE = "DROP TRIGGER audit_entry_append_only ON audit_entry;\nCREATE TRIGGER audit_entry_append_only"

BROKEN_GUARDS = (
    SWALLOW,
    "ALTER TABLE audit_entry DISABLE TRIGGER USER",
    "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_chain",
    "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only",
    "ALTER TABLE audit_entry ENABLE REPLICA TRIGGER audit_entry_no_truncate",
    "DROP TRIGGER audit_entry_chain ON audit_entry",
    "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "ALTER FUNCTION audit_append_only() SECURITY DEFINER",
    "ALTER FUNCTION audit_chain() SET search_path = public",
    f"{REPLACE} BEFORE DELETE ON audit_entry FOR EACH ROW {EXECUTE}",
    f"{REPLACE} BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW WHEN (OLD.seq > 1000) {EXECUTE}",
    f"{REPLACE} BEFORE DELETE OR UPDATE OF seq ON audit_entry FOR EACH ROW {EXECUTE}",
    f"CREATE TRIGGER other BEFORE UPDATE ON audit_head FOR EACH ROW {EXECUTE}",
    "CREATE RULE other AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
    "ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY",
    "CREATE TABLE other () INHERITS (audit_entry)",
)
