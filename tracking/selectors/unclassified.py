"""Replies for which no reason is known, by template, the most frequent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tracking.choices import Disposition
from tracking.ingest.store.dictionaries import HOLE, join_reply
from tracking.reasons import reason_code

MAX_SHOWN = 100
# What a reply explains, but a delivery: that it was taken needs no explanation.
_EXPLAINED = [Disposition.DEFERRED.value, Disposition.BOUNCED.value]

# By the index on (disposition, received_at), which leaves out delivered mail.
_COUNTS = """
SELECT d.reply_id, d.disposition, count(*), min(d.received_at), max(d.received_at)
FROM tracking_delivery d
WHERE d.disposition = ANY(%s) AND d.disposition <> 1 AND d.is_final
  AND d.received_at >= %s AND d.received_at < %s
GROUP BY d.reply_id, d.disposition
"""
_TEMPLATES = "SELECT id, template FROM tracking_reply WHERE id = ANY(%s)"
_EXAMPLES = """
SELECT k.n, e.message_id, r.address, e.reply_words
FROM unnest(%s::int[], %s::smallint[], %s::timestamptz[])
     WITH ORDINALITY k (reply, disposition, at, n)
CROSS JOIN LATERAL (
    SELECT d.message_id, d.recipient_id, d.reply_words FROM tracking_delivery d
    WHERE d.disposition = k.disposition AND d.disposition <> 1 AND d.received_at = k.at
      AND d.reply_id IS NOT DISTINCT FROM k.reply AND d.is_final
    ORDER BY d.id DESC LIMIT 1
) e
LEFT JOIN tracking_address r ON r.id = e.recipient_id
"""


@dataclass(frozen=True, slots=True)
class UnclassifiedReply:
    """A template (a hole shows as …) with its newest example."""

    template: str
    disposition: int
    count: int
    first_seen: datetime
    last_seen: datetime
    message: int
    recipient: str
    example: str


@dataclass(frozen=True, slots=True)
class Unclassified:
    """``count`` mails in all; ``total`` of those that a reply should explain."""

    replies: list[UnclassifiedReply]
    count: int
    total: int
    is_cut: bool


def unclassified_replies(since: datetime, until: datetime) -> Unclassified:
    """Three queries; costs as much as there is undelivered mail in the range."""
    counts = _rows(_COUNTS, [_EXPLAINED, since, until])
    templates = dict(_rows(_TEMPLATES, [[row[0] for row in counts if row[0] is not None]]))
    unknown = [
        row for row in counts if reason_code(row[1], 0, templates.get(row[0], "")) == "UNKNOWN"
    ]
    unknown.sort(key=lambda row: (-row[2], row[4]))
    shown = unknown[:MAX_SHOWN]
    return Unclassified(
        _with_examples(shown, templates),
        sum(row[2] for row in unknown),
        sum(row[2] for row in counts),
        len(unknown) > MAX_SHOWN,
    )


def _with_examples(
    rows: list[tuple[Any, ...]], templates: dict[int, str]
) -> list[UnclassifiedReply]:
    columns = [[row[0] for row in rows], [row[1] for row in rows], [row[4] for row in rows]]
    examples = {row[0]: row[1:] for row in _rows(_EXAMPLES, columns)} if rows else {}
    found = []
    for number, (reply, disposition, count, first, last) in enumerate(rows, 1):
        if number not in examples:
            continue  # it was delivered between the two queries
        message, recipient, words = examples[number]
        template = templates.get(reply, "")
        found.append(
            UnclassifiedReply(
                template.replace(HOLE, "…"),
                disposition,
                count,
                first,
                last,
                message,
                recipient or "",
                join_reply(template, words),
            )
        )
    return found


def _rows(query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
