"""Mail that left a quarantine, tied to the mail that it was.

The log of a release by SMTP looks like that of any other mail: who released it knows better, and
tells it here. Rows that the pipeline writes later keep what was told (merging.py).
"""

from __future__ import annotations

from django.db import connection, transaction

from tracking.choices import MessageKind

# A mail that joined another since is not found, and is tied when it is looked up anew.
_TIE = """
UPDATE tracking_message SET kind = %(release)s, related_id = coalesce(related_id, %(original)s)
WHERE id = %(message)s AND (kind <> %(release)s OR related_id IS NULL AND %(original)s IS NOT NULL)
RETURNING received_at
"""
_MARK_HOUR = """
INSERT INTO tracking_dirtyhour (hour) VALUES (date_trunc('hour', %s, 'UTC'))
ON CONFLICT (hour) DO UPDATE SET marked_at = clock_timestamp()
"""


def tie_release(message: int, original: int | None) -> bool:
    """Say of a stored Message that it is a release, and of which Message; whether that is news.

    Its hour's figures are made anew: a release is counted apart from mail.
    """
    values = {
        "message": message,
        "original": original if original != message else None,
        "release": MessageKind.RELEASE.value,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TIE, values)
        changed = cursor.fetchall()
        for (received_at,) in changed:
            cursor.execute(_MARK_HOUR, [received_at])
    return bool(changed)
