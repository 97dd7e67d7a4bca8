"""Verdicts of filters on hosts of their own, which name the queue id that another host gave."""

from django.db import migrations

CREATE = """
CREATE TABLE tracking_keptverdict (
    queue_id text NOT NULL,
    at timestamptz NOT NULL,
    verdict jsonb NOT NULL
);
-- What a filter said of the mail of a segment's queue ids.
CREATE INDEX keptverdict_queue_id ON tracking_keptverdict (queue_id);
-- Those that are too old to be of use.
CREATE INDEX keptverdict_at ON tracking_keptverdict (at);
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0022_leaner_indexes")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE tracking_keptverdict")]
