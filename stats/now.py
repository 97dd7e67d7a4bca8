"""What waits at this moment: the queues of the relays, and the quarantine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Sum

from quarantine.choices import HeldState
from quarantine.models import QuarantinedMessage
from stats.rollups import select

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUEUES = """
SELECT DISTINCT ON (relay_id) relay_id, count(*) OVER (PARTITION BY relay_id),
       received_us, message_ref
FROM tracking_openhop WHERE NOT is_ended
ORDER BY relay_id, received_us, id
"""


class Queue(NamedTuple):
    """Mails that a relay still has, and the one that came first."""

    mails: int
    oldest_at: datetime
    oldest_message: int


def queues() -> dict[int, Queue]:
    """By relay, as the log tells; a relay without waiting mail has none."""
    return {
        relay: Queue(mails, _EPOCH + timedelta(microseconds=received_us), message)
        for relay, mails, received_us, message in select(_QUEUES)
    }


class HeldNow(NamedTuple):
    """What the quarantine holds of a kind."""

    kind: int
    mails: int
    bytes: int


def held_now() -> list[HeldNow]:
    held = QuarantinedMessage.objects.in_state(HeldState.HELD).order_by("kind")
    rows = held.values_list("kind").annotate(Count("pk"), Sum("size_bytes"))
    return [HeldNow(*row) for row in rows]
