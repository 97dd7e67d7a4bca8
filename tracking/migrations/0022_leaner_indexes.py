"""Indexes of addresses without the time, and of times without what is not the last word.

A search asks an address's index which Messages there are, and sorts those itself, so a time in it
serves nobody: without it, rows of one address share one entry. "Newest first" is only ever asked
of what speaks for its recipient.
"""

from __future__ import annotations

from django.db import migrations

MAKE = """
DROP INDEX message_sender, delivery_recipient, delivery_received;
-- What a sender sent.
CREATE INDEX message_sender ON tracking_message (sender_id);
-- What a recipient got.
CREATE INDEX delivery_recipient ON tracking_delivery (recipient_id);
-- All mail, newest first.
CREATE INDEX delivery_received ON tracking_delivery (received_at) WHERE is_final;
"""
UNDO = """
DROP INDEX message_sender, delivery_recipient, delivery_received;
CREATE INDEX message_sender ON tracking_message (sender_id, received_at);
CREATE INDEX delivery_recipient ON tracking_delivery (recipient_id, received_at);
CREATE INDEX delivery_received ON tracking_delivery (received_at);
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0021_providers")]

    operations = [
        # Ingest and searches wait meanwhile, a few seconds for a million mails.
        migrations.RunSQL(MAKE, UNDO),
    ]
