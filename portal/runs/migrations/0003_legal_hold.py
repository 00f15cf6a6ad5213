from django.db import migrations

from portal.retention.guards import guard, unguard

FORWARD = guard(
    "runs_run",
    "workspace_id, owner_id FROM {gone}",
    columns="workspace_id, owner_id",
    when="OLD.workspace_id <> NEW.workspace_id OR OLD.owner_id <> NEW.owner_id",
) + guard("runs_event", "run.workspace_id, run.owner_id FROM {gone} JOIN runs_run run ON run.id = gone.run_id")
BACKWARD = unguard("runs_event") + unguard("runs_run")


class Migration(migrations.Migration):
    dependencies = [("runs", "0002_heartbeat_without_index"), ("retention", "0002_guards")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
