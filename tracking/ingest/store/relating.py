"""Mail that left a quarantine, tied to the mail that it was.

The log of a release by SMTP looks like that of any other mail: who released it knows better, and
tells it here. Rows that the pipeline writes later keep what was told (merging.py).
"""

from __future__ import annotations

from django.db import connection, transaction

from tracking.choices import MessageKind
from tracking.ingest.store.copying import mark_hours

# A mail that joined another since is not found, and is tied when it is looked up anew.
_TIE = """
UPDATE tracking_message SET kind = %(release)s, related_id = coalesce(related_id, %(original)s)
WHERE id = %(message)s AND (kind <> %(release)s OR related_id IS NULL AND %(original)s IS NOT NULL)
RETURNING received_at
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
        if changed:
            mark_hours(cursor, (received_at for (received_at,) in changed))
    return bool(changed)
