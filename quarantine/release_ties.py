"""What was released, tied to its mail in the log: it is a release, and of which mail.

Then tracking counts it apart from mail, and the stories of both lead to each other. Logs come
late, so what is not found is looked for again for a while.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from quarantine.choices import ReleaseStep
from quarantine.models import Release
from quarantine.selectors import message_today
from tracking.choices import VerdictAction
from tracking.ingest.store.relating import tie_release

PATIENCE = timedelta(days=3)
MAX_TRIED = 500
# The log's clock and ours may differ by so much; the next hop takes the mail while we send it.
SLACK = timedelta(minutes=5)
OPENED_WITHIN = timedelta(minutes=30)

# The first Hop of a Message, so the Message came when the Hop was opened. Another host can have
# the same queue id: the Message-ID must be the mail's, or a recipient when it has none.
_BY_QUEUE_ID = """
SELECT h.message_id FROM tracking_hop h
JOIN tracking_message m ON m.id = h.message_id AND m.received_at = h.received_at
WHERE h.queue_id = %(queue_id)s AND h.parent_id IS NULL
  AND h.opened_at BETWEEN %(since)s AND %(until)s AND h.received_at BETWEEN %(since)s AND %(until)s
  AND (m.message_id = %(header_id)s OR %(header_id)s = '')
  AND EXISTS (
    SELECT 1 FROM tracking_delivery d
    JOIN tracking_address a ON a.id IN (d.recipient_id, d.original_recipient_id)
    WHERE d.message_id = h.message_id AND d.received_at = h.received_at
      AND lower(a.address) = ANY(%(recipients)s)
  )
ORDER BY h.opened_at LIMIT 1
"""
# What a filter's own log says: it names the held file. Only what tells something new.
_BY_VERDICT = """
SELECT v.message_id, q.message_ref
FROM tracking_filterverdict v
JOIN tracking_message m
  ON m.id = v.message_id AND m.received_at = v.received_at AND m.related_id IS NULL
JOIN quarantine_quarantinedmessage q
  ON q.quarantine_id = v.quarantine_id AND q.quarantine_id <> '' AND q.message_ref <> v.message_id
WHERE v.action = %(release)s AND v.at > %(since)s AND v.received_at > %(since)s
ORDER BY v.message_id LIMIT %(limit)s
"""


def tie_releases() -> int:
    """How many Messages were tied that were not before."""
    since = timezone.now() - PATIENCE
    left = Release.objects.filter(step=ReleaseStep.ENDED, ended_at__gt=since, messages=[])
    tied = 0
    for release in left.select_related("held").order_by("-ended_at")[:MAX_TRIED]:
        tied += _tie(release)
    values: dict[str, Any] = {"release": VerdictAction.RELEASE, "since": since, "limit": MAX_TRIED}
    with connection.cursor() as cursor:
        cursor.execute(_BY_VERDICT, values)
        pairs = cursor.fetchall()
    return tied + sum(tie_release(message, message_today(ref)) for message, ref in pairs)


def _tie(release: Release) -> int:
    queue_ids = {queue_id for _name, is_taken, _text, queue_id in release.replies if is_taken}
    found = [_message_of(release, queue_id) for queue_id in sorted(queue_ids) if queue_id]
    messages = [message for message in found if message is not None]
    original = message_today(release.held.message_ref) if messages else None
    tied = sum(tie_release(message, original) for message in messages)
    if messages:
        release.messages = messages
        release.save(update_fields=("messages",))
    return tied


def _message_of(release: Release, queue_id: str) -> int | None:
    values: dict[str, Any] = {
        "queue_id": queue_id,
        "since": release.started_at - SLACK,
        "until": release.started_at + OPENED_WITHIN,
        "header_id": release.held.message_id,
        "recipients": [name.lower() for name in release.recipients],
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_QUEUE_ID, values)
        row = cursor.fetchone()
    return row[0] if row else None
