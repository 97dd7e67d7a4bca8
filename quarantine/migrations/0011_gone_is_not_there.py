"""Mail that was gone is not at its source, as far as anybody knows."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("quarantine", "0010_removed_elsewhere")]

    operations = [
        migrations.RunSQL(
            "UPDATE quarantine_quarantinedmessage SET is_at_source = false WHERE state = 'gone'",
            migrations.RunSQL.noop,
        )
    ]
