"""Indexes for searches that only few rows answer; each is of those few rows, so ingest pays little.

What many rows answer (a direction, a class, a relay) needs none: the newest mail is looked
through until a page is full.
"""

from __future__ import annotations

from django.db import migrations

MAKE = """
-- A status code or its beginning, of what was not delivered.
CREATE INDEX delivery_dsn ON tracking_delivery (dsn text_pattern_ops, received_at)
    WHERE disposition <> 1;
-- A reply's text or a reason, of what was not delivered.
CREATE INDEX delivery_reply ON tracking_delivery (reply_id, received_at) WHERE disposition <> 1;
-- A kind of quarantine, newest first; released mail too.
CREATE INDEX delivery_quarantine ON tracking_delivery (quarantine_kind, received_at)
    WHERE quarantine_kind <> 0;
-- What the mail system itself wrote: notifications, releases, probes.
CREATE INDEX message_kind ON tracking_message (kind, received_at) WHERE kind <> 0;
-- Big mail.
CREATE INDEX message_big ON tracking_message (size_bytes) WHERE size_bytes >= 5242880;
-- Names of viruses and rules that occur, and their mail.
CREATE INDEX verdict_virus ON tracking_filterverdict (virus_id, received_at)
    WHERE virus_id IS NOT NULL;
CREATE INDEX verdict_rule ON tracking_filterverdict (rule_id, received_at)
    WHERE rule_id IS NOT NULL;
-- High scores.
CREATE INDEX verdict_score ON tracking_filterverdict (score) WHERE score >= 5;
"""
DROP = """
DROP INDEX delivery_dsn, delivery_reply, delivery_quarantine, message_kind, message_big,
    verdict_virus, verdict_rule, verdict_score;
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0011_allowed_hosts")]

    operations = [
        # PostgreSQL builds no index of a partitioned table concurrently: ingest waits meanwhile,
        # a few seconds for a million mails.
        migrations.RunSQL(MAKE, DROP),
    ]
