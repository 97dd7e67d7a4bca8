"""Held mail and the log: whose it is, and who released it elsewhere. Reads tracking's tables.

The log may be read before or after the spool, so mail that is not linked is tried again for a
while.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tracking.choices import VerdictAction

# Mail whose log was not read by then has none here.
PATIENCE_DAYS = 3
# Releases are looked for so far back: logs come late.
LOOK_BACK_DAYS = 2
# A spool may be connected after its log: filters keep mail for weeks.
DELETIONS_DAYS = 60
MAX_TRIED = 2000
_MAX_ROUNDS = 20

# Should a name come back, the newest verdict counts. Mail waits in queues for days before a filter
# sees it, and the log's partitions go by when it came: only those few are looked into.
_LINK = """
WITH unlinked AS (
    SELECT id, quarantine_id, received_at FROM quarantine_quarantinedmessage
    WHERE message_ref IS NULL AND source_id = %(source)s AND quarantine_id <> ''
      AND (received_at > now() - make_interval(days => %(days)s)
           OR state_changed_at > now() - interval '1 day')
    ORDER BY received_at DESC LIMIT %(limit)s
), found AS (
    SELECT DISTINCT ON (u.id) u.id, v.message_id, m.client_ip, m.network_id, m.customer_id,
           v.score, coalesce(x.name, '') AS virus, coalesce(r.name, '') AS rule,
           m.message_id AS header_id
    FROM unlinked u
    JOIN tracking_filterverdict v
      ON v.quarantine_id = u.quarantine_id AND v.quarantine_id <> '' AND v.action = %(held)s
     AND v.received_at > u.received_at - interval '8 days'
     AND v.received_at < u.received_at + interval '1 day'
    JOIN tracking_message m ON m.id = v.message_id AND m.received_at = v.received_at
    LEFT JOIN tracking_name x ON x.id = v.virus_id
    LEFT JOIN tracking_name r ON r.id = v.rule_id
    ORDER BY u.id, v.at DESC
)
UPDATE quarantine_quarantinedmessage q SET
    message_ref = f.message_id,
    client_ip = coalesce(f.client_ip, q.client_ip),
    network_id = f.network_id,
    customer_id = f.customer_id,
    score = coalesce(q.score, f.score),
    virus = CASE WHEN q.virus = '' THEN f.virus ELSE q.virus END,
    rules = CASE WHEN f.rule = '' OR f.rule = ANY(q.rules) THEN q.rules
                 ELSE array_prepend(f.rule, q.rules) END,
    message_id = CASE WHEN q.message_id = '' THEN f.header_id ELSE q.message_id END
FROM found f WHERE q.id = f.id
"""

# A release names the file; its recipients are those of the mail that went out, which is a Message
# of its own and of that day. Only what tells something new.
_RELEASED = """
SELECT q.id, array_agg(DISTINCT lower(a.address)), max(v.at)
FROM tracking_filterverdict v
JOIN quarantine_quarantinedmessage q
  ON q.quarantine_id = v.quarantine_id AND q.quarantine_id <> '' AND q.source_id = %(source)s
 AND q.state IN ('held', 'gone', 'removed')
JOIN tracking_delivery d
  ON d.message_id = v.message_id AND d.hop_id = v.hop_id AND d.received_at = v.received_at
JOIN tracking_address a ON a.id IN (d.recipient_id, d.original_recipient_id)
WHERE v.action = %(release)s AND v.at > now() - make_interval(days => %(days)s)
  AND v.received_at > now() - make_interval(days => %(days)s)
  AND EXISTS (
    SELECT 1 FROM unnest(q.recipients) r
    WHERE lower(r) = lower(a.address) AND r <> ALL(q.released_recipients)
  )
GROUP BY q.id ORDER BY q.id LIMIT %(limit)s
"""

# Of mail that is held here; only what tells something new.
_DELETED = """
SELECT q.id, array_agg(DISTINCT lower(d.recipient)), max(d.at)
FROM tracking_quarantinedeletion d
JOIN quarantine_quarantinedmessage q
  ON q.quarantine_id = d.quarantine_id AND q.quarantine_id <> '' AND q.source_id = %(source)s
 AND q.state = 'held'
WHERE d.at > now() - make_interval(days => %(days)s)
  AND EXISTS (
    SELECT 1 FROM unnest(q.recipients) r
    WHERE lower(r) = lower(d.recipient) AND r <> ALL(q.removed_recipients)
  )
GROUP BY q.id ORDER BY q.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the log says was done for these recipients, in lower case."""

    held_id: int
    recipients: tuple[str, ...]
    at: datetime


def link_to_log(source_id: int) -> int:
    """Give mail its Message, client, network and customer; how many."""
    values = {
        "source": source_id,
        "days": PATIENCE_DAYS,
        "limit": MAX_TRIED,
        "held": VerdictAction.QUARANTINE,
    }
    linked = 0
    for _ in range(_MAX_ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute(_LINK, values)
            linked += cursor.rowcount
            if cursor.rowcount < MAX_TRIED // 2:
                break
    return linked


def releases(source_id: int) -> list[Seen]:
    """Held mail of which the log says that it went out to somebody who had not got it yet."""
    return _seen(_RELEASED, source_id, LOOK_BACK_DAYS)


def deletions(source_id: int) -> list[Seen]:
    """Held mail that the log says was deleted for a recipient in the filter's own pages."""
    return _seen(_DELETED, source_id, DELETIONS_DAYS)


def _seen(query: str, source_id: int, days: int) -> list[Seen]:
    values = {
        "source": source_id,
        "days": days,
        "release": VerdictAction.RELEASE,
        "limit": MAX_TRIED,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [Seen(row[0], tuple(row[1]), row[2]) for row in cursor.fetchall()]
