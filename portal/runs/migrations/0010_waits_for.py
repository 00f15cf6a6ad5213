import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0005_context")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="waits_for",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="next",
                to="runs.run",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("waits_for__isnull", False)), fields=["waits_for"], name="runs_waits_for"
            ),
        ),
    ]
