"""A Hop's lines are nearly always in one segment: a number of four bytes, not an array of 25."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

SPLIT = """
ALTER TABLE tracking_hop ADD COLUMN segment_id integer, ADD COLUMN more_segments integer[];
UPDATE tracking_hop
    SET segment_id = segments[1], more_segments = nullif(segments[2:], '{}');
ALTER TABLE tracking_hop DROP COLUMN segments;
"""
JOIN = """
ALTER TABLE tracking_hop ADD COLUMN segments integer[] NOT NULL DEFAULT '{}';
UPDATE tracking_hop
    SET segments = segment_id || coalesce(more_segments, '{}') WHERE segment_id IS NOT NULL;
ALTER TABLE tracking_hop ALTER COLUMN segments DROP DEFAULT,
    DROP COLUMN segment_id, DROP COLUMN more_segments;
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0018_quarantine_deletion")]

    operations = [
        # Writes every Hop anew: about a minute for ten million.
        migrations.RunSQL(
            SPLIT,
            JOIN,
            state_operations=[
                migrations.RemoveField("hop", "segments"),
                migrations.AddField("hop", "segment_id", models.IntegerField(null=True)),
                migrations.AddField(
                    "hop", "more_segments", ArrayField(models.IntegerField(), null=True)
                ),
            ],
        ),
    ]
