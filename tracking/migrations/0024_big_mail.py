"""Mail of a megabyte is big enough for the index: what bounced for its size is found by it.

Less than one mail in a hundred is as big, so the index stays small.
"""

from __future__ import annotations

from django.db import migrations

MAKE = """
DROP INDEX message_big;
-- Big mail.
CREATE INDEX message_big ON tracking_message (size_bytes) WHERE size_bytes >= 1048576;
"""
UNDO = """
DROP INDEX message_big;
CREATE INDEX message_big ON tracking_message (size_bytes) WHERE size_bytes >= 5242880;
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0023_kept_verdicts")]

    operations = [migrations.RunSQL(MAKE, UNDO)]
