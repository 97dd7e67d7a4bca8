"""What became of a released mail: its new queue id, followed through the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from quarantine.models import Release
from tracking.choices import Disposition, VerdictAction
from tracking.selectors.story import Story, StoryDelivery, message_story

# The log's clock and ours may differ by so much.
_SLACK = timedelta(minutes=5)
# A queue id is the release's only if it was opened within this time after it.
_OPENED_WITHIN = timedelta(minutes=30)

_NEVER = datetime.min.replace(tzinfo=UTC)

_BY_QUEUE_ID = """
SELECT message_id FROM tracking_hop
WHERE queue_id = %s AND opened_at BETWEEN %s AND %s ORDER BY opened_at DESC LIMIT 1
"""
# PMG's API gives no queue id; its log names the file that was released.
_BY_QUARANTINE_ID = """
SELECT message_id FROM tracking_filterverdict
WHERE quarantine_id = %s AND quarantine_id <> '' AND action = %s AND at BETWEEN %s AND %s
ORDER BY at DESC LIMIT 10
"""


# After an uncertain release: the same Message-ID, in again. An index of each day's partition.
_BY_MESSAGE_ID = """
SELECT id FROM tracking_message
WHERE message_id = %s AND message_id <> '' AND received_at BETWEEN %s AND %s
ORDER BY received_at LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class ReleaseFate:
    """What became of a release for one recipient.

    ``reply`` is what the next hop said when it took the mail or not. The rest is None or "" until
    the log tells it: ``disposition`` and ``at``, the last ``relay`` and its ``smtp_reply``.
    """

    recipient: str
    is_accepted: bool
    reply: str
    queue_id: str
    message: int | None = None
    disposition: Disposition | None = None
    at: datetime | None = None
    relay: str = ""
    smtp_reply: str = ""


def release_fates(release: Release) -> list[ReleaseFate]:
    """One for each recipient, in order; [] while the release is under way."""
    stories: dict[str, list[Story]] = {}
    return [_fate(release, reply, stories) for reply in release.replies]


def seen_after(release: Release) -> list[int]:
    """Messages of the log that may be this release: its Message-ID came in again after it.

    For who has to say what became of an uncertain one.
    """
    since = release.started_at - timedelta(seconds=10)
    values: list[Any] = [release.held.message_id, since, release.started_at + _OPENED_WITHIN]
    with connection.cursor() as cursor:
        cursor.execute(_BY_MESSAGE_ID, values)
        return [row[0] for row in cursor.fetchall()]


def _fate(release: Release, reply: Sequence[str], stories: dict[str, list[Story]]) -> ReleaseFate:
    recipient, is_accepted, text, queue_id = reply
    fate = ReleaseFate(recipient, bool(is_accepted), text, queue_id)
    if not is_accepted:
        return fate
    if queue_id not in stories:
        stories[queue_id] = _stories(release, queue_id)
    for story in stories[queue_id]:
        found = _delivery(story, recipient)
        if found is not None:
            return ReleaseFate(
                recipient,
                fate.is_accepted,
                text,
                queue_id,
                message=story.message.id,
                disposition=Disposition(found.disposition),
                at=found.last_attempt_at,
                relay=found.relay,
                smtp_reply=found.smtp_reply,
            )
    return fate


def _stories(release: Release, queue_id: str) -> list[Story]:
    since, until = release.started_at - _SLACK, release.started_at + _OPENED_WITHIN
    values: list[Any]
    if queue_id:
        query, values = _BY_QUEUE_ID, [queue_id, since, until]
    else:
        quarantine_id = release.held.quarantine_id
        query, values = _BY_QUARANTINE_ID, [quarantine_id, VerdictAction.RELEASE, since, until]
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        messages = dict.fromkeys(row[0] for row in cursor.fetchall())
    found = (message_story(message) for message in messages)
    return [story for story in found if story is not None]


def _delivery(story: Story, recipient: str) -> StoryDelivery | None:
    """The newest word on a recipient."""
    name = recipient.casefold()
    found = [
        item
        for item in story.recipients
        if name in {item.recipient.casefold(), (item.original_recipient or "").casefold()}
    ]
    return max(found, key=lambda item: item.last_attempt_at or _NEVER, default=None)
