from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0003_legal_hold")]
    operations = [
        migrations.AddField(
            model_name="run", name="finish_reason", field=models.CharField(blank=True, max_length=16, default=""), preserve_default=False
        ),
    ]
