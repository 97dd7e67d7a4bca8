"""Days whose mail is gone are not made anew: their sums by network come from their hours, here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations

# Hours of a day begin after midnight, so that of the hour's beginning is theirs.
_FILL = """
INSERT INTO stats_trafficday (day, network_id, direction, kind, disposition, quarantine_kind,
                              messages, recipients, bytes)
SELECT (hour AT TIME ZONE %s)::date, network_id, direction, kind, disposition, quarantine_kind,
       sum(messages), sum(recipients), sum(bytes)
FROM stats_traffichour GROUP BY 1, 2, 3, 4, 5, 6
ON CONFLICT DO NOTHING
"""


def fill(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_FILL, [settings.SITE_TIME_ZONE])


class Migration(migrations.Migration):
    dependencies = [("stats", "0016_months_and_traffic_days")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
