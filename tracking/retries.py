"""When Postfix is to be expected to try again, and when it gives up (qmgr(8), postconf(5))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from tracking.choices import Disposition


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of a mail that waits for its next try. ``next_try_at`` may have passed: it is due."""

    next_try_at: datetime
    gives_up_at: datetime


def outlook_of(
    disposition: int, queued_at: datetime | None, tried_at: datetime | None
) -> Outlook | None:
    """By when a recipient's mail came into its queue, and its last try; None: no more is to come.

    After each failure qmgr waits as long as the mail has been in its queue, within
    minimal_backoff_time and maximal_backoff_time. It returns mail that is older than
    maximal_queue_lifetime when its next try fails.
    """
    if disposition != Disposition.DEFERRED or queued_at is None or tried_at is None:
        return None
    least = timedelta(seconds=settings.RETRY_MIN_SECONDS)
    most = timedelta(seconds=settings.RETRY_MAX_SECONDS)
    wait = min(max(tried_at - queued_at, least), most)
    return Outlook(tried_at + wait, queued_at + timedelta(hours=settings.QUEUE_LIFETIME_HOURS))
