"""Hours that were counted before the site's hours were a table are counted again."""

from __future__ import annotations

from django.db import migrations

MARK = """
INSERT INTO tracking_dirtyhour (hour)
SELECT hour FROM stats_relayhour UNION SELECT hour FROM stats_rejectionhour
ON CONFLICT (hour) DO UPDATE SET marked_at = clock_timestamp()
"""


class Migration(migrations.Migration):
    dependencies = [("stats", "0002_site_hour")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
