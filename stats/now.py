"""What waits at this moment: the queues of the relays, and the quarantine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Sum

from quarantine.choices import HeldState
from quarantine.models import QuarantinedMessage
from stats.days import ONE_DAY, Day
from stats.rollups import select
from stats.selectors.pieces import Table, sums_of_span
from stats.spans import Span
from tracking.choices import Disposition

WAITING = (Disposition.QUEUED, Disposition.DEFERRED, Disposition.HELD)
# Longer than mail waits for its last try; what was never ended is forgotten then.
WAITED_DAYS = 30
_RECIPIENTS = Table("stats_relay", (), ("recipients",))
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


def oldest_waiting() -> Queue | None:
    """The queue whose oldest mail came before those of all others."""
    return min(queues().values(), key=lambda queue: queue.oldest_at, default=None)


def waiting_now() -> tuple[Span, int]:
    """Recipients without an ending, of the days in which they can have come."""
    today = Day.today().on
    span = Span.of_days(today - WAITED_DAYS * ONE_DAY, today)
    values = {"endings": [item.value for item in WAITING]}
    condition = "relay_id IS NULL AND disposition = ANY(%(endings)s)"
    rows = sums_of_span(_RECIPIENTS, span, condition, values)
    return span, sum(row[0] for row in rows)


class HeldNow(NamedTuple):
    """What the quarantine holds of a kind."""

    kind: int
    mails: int
    bytes: int


def held_now() -> list[HeldNow]:
    held = QuarantinedMessage.objects.in_state(HeldState.HELD).order_by("kind")
    rows = held.values_list("kind").annotate(Count("pk"), Sum("size_bytes"))
    return [HeldNow(*row) for row in rows]
