"""A Message that turned out to be a part of another leaves its first Hop's id behind as a link."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tracking", "0004_groups")]

    operations = [
        # The Message that a Hop belongs to now. Ids grow with the pages, so BRIN finds one in a
        # few pages and costs next to no space.
        migrations.RunSQL(
            "CREATE INDEX hop_id ON tracking_hop USING brin (id) WITH (pages_per_range = 16)",
            "DROP INDEX hop_id",
        ),
    ]
