"""Why a source stands still."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tracking", "0005_hop_id_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="logsource",
            name="failure",
            field=models.CharField(blank=True, default="", editable=False, max_length=200),
        ),
    ]
