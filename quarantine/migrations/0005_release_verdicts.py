"""What the log says of releases since a time: one of thousands of verdicts is one."""

from __future__ import annotations

from django.db import migrations

INDEX = """
CREATE INDEX verdict_release ON tracking_filterverdict (at) WHERE action = 3
"""


class Migration(migrations.Migration):
    dependencies = [
        ("quarantine", "0004_groups"),
        ("tracking", "0002_mail_tables"),
    ]

    operations = [migrations.RunSQL(INDEX, "DROP INDEX verdict_release")]
