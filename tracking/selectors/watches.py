"""Watches of a user, and which of all have come to their end."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection

from tracking.models import Watch
from tracking.selectors.story import WAITING

MAX_SHOWN = 200

# By the two columns that find a Message in its partition; a mail is ended when every recipient
# has a final word and no queue has it any more.
_ENDED = """
SELECT w.id, d.disposition, count(*)
FROM tracking_watch w
JOIN tracking_delivery d
  ON d.message_id = w.message_ref AND d.received_at = w.received_at AND d.is_final
WHERE w.ended_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM tracking_delivery o
    WHERE o.message_id = w.message_ref AND o.received_at = w.received_at
      AND o.is_final AND o.disposition = ANY(%s))
  AND NOT EXISTS (
    SELECT 1 FROM tracking_hop h
    WHERE h.message_id = w.message_ref AND h.received_at = w.received_at AND h.ended_at IS NULL)
GROUP BY w.id, d.disposition
"""
_GONE = """
SELECT w.id, w.message_ref FROM tracking_watch w
WHERE w.ended_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM tracking_message m
    WHERE m.id = w.message_ref AND m.received_at = w.received_at)
"""


@dataclass(frozen=True, slots=True)
class Watches:
    """Newest first; ``ended`` are notices."""

    ended: list[Watch]
    waiting: list[Watch]

    @property
    def unread_count(self) -> int:
        return sum(1 for watch in self.ended if watch.read_at is None)


def watches_of(user_id: int) -> Watches:
    """What a user watches, and what came of it; the newest of each."""
    mine = Watch.objects.filter(user=user_id)
    return Watches(
        list(mine.filter(ended_at__isnull=False).order_by("-ended_at", "-id")[:MAX_SHOWN]),
        list(mine.filter(ended_at__isnull=True).order_by("-created_at", "-id")[:MAX_SHOWN]),
    )


def watch_of(user_id: int, message: int) -> Watch | None:
    """The user's watch on a Message."""
    return Watch.objects.filter(user=user_id, message_ref=message).first()


def unread_count(user_id: int) -> int:
    """How many notices the user has not read."""
    return Watch.objects.filter(user=user_id, ended_at__isnull=False, read_at__isnull=True).count()


def ended_watches() -> dict[int, dict[int, int]]:
    """Waiting watches whose mail has ended, with how many recipients ended how; one query."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [sorted(WAITING)])
        for watch, disposition, count in cursor.fetchall():
            found[watch][disposition] = count
    return dict(found)


def lost_watches() -> list[tuple[int, int]]:
    """(watch, Message) where there is no such Message: it joined another, or is gone."""
    with connection.cursor() as cursor:
        cursor.execute(_GONE)
        return list(cursor.fetchall())
