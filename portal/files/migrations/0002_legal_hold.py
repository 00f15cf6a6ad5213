from django.db import migrations

from portal.retention.guards import guard, unguard

FORWARD = guard(
    "files_file",
    "workspace_id, owner_id FROM {gone}",
    columns="workspace_id, owner_id, name, stored_as, sha256",
    when="OLD.workspace_id <> NEW.workspace_id OR OLD.owner_id <> NEW.owner_id OR OLD.name <> NEW.name"
    " OR OLD.stored_as <> NEW.stored_as OR OLD.sha256 <> NEW.sha256",
) + guard("files_page", "file.workspace_id, file.owner_id FROM {gone} JOIN files_file file ON file.id = gone.file_id")
BACKWARD = unguard("files_page") + unguard("files_file")


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial"), ("retention", "0002_guards")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
