"""Rows carry a seal, which the chain's hash covers; older rows are vouched for by one sealed row.

``portal.audit.guards`` takes the text of both functions from here: the newest migration that makes them says what
must stand in the database. A later migration that replaces one has to be named there.
"""

from typing import Any

from django.db import migrations, models
from django.utils import timezone

from portal.audit.journal import set_body

CHAIN = """
DECLARE
    head audit_head%ROWTYPE;
    next_hash text;
BEGIN
    IF NEW.seal = '' THEN
        RAISE EXCEPTION 'a row of the audit journal needs a seal';
    END IF;
    SELECT * INTO STRICT head FROM audit_head WHERE id = 1 FOR UPDATE;
    next_hash := encode(sha256(convert_to(
        head.hash || E'\\n' || (head.seq + 1)::text || E'\\n' || NEW.body || E'\\n' || NEW.seal, 'UTF8')), 'hex');
    UPDATE audit_entry SET seq = head.seq + 1, previous_hash = head.hash, hash = next_hash WHERE id = NEW.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a row of the audit journal is gone before its commit';
    END IF;
    UPDATE audit_head SET seq = head.seq + 1, hash = next_hash WHERE id = 1;
    RETURN NULL;
END """

APPEND_ONLY = """
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND pg_trigger_depth() > 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit journal is append-only';
END """

FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $${CHAIN}$$;
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $${APPEND_ONLY}$$;
"""


def vouch_for_older_rows(apps: Any, schema_editor: Any) -> None:
    """A sealed row that names the last row without a seal and its hash, and so all rows up to it."""
    entry_model = apps.get_model("audit", "Entry")
    last = entry_model.objects.filter(seal="", seq__isnull=False).order_by("-seq").first()
    if last is None:
        return
    mark = entry_model(at=timezone.now(), actor_kind="system", actor_name="migration", action="audit.seal")
    mark.object_type, mark.object_id, mark.outcome = "journal", "seal", "allowed"
    set_body(mark, {"rows": last.seq, "hash": last.hash})
    mark.save(force_insert=True)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_chain")]
    operations = [
        migrations.AddField("entry", "seal", models.CharField(blank=True, default="", max_length=80)),
        # There is no way back: rows that are sealed do not fit the older function.
        migrations.RunSQL(FUNCTIONS),
        migrations.RunPython(vouch_for_older_rows),
    ]
