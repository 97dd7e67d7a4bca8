"""When Postfix is to be expected to try again, and when it gives up (qmgr(8), postconf(5))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from tracking.choices import Disposition
from tracking.selectors.story import Story, StoryDelivery


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of a mail that waits for its next try. ``next_try_at`` may have passed: it is due."""

    next_try_at: datetime
    gives_up_at: datetime


def outlook_of(story: Story, delivery: StoryDelivery) -> Outlook | None:
    """None where no further try is to be expected.

    After each failure qmgr waits as long as the mail has been in its queue, within
    minimal_backoff_time and maximal_backoff_time. It returns mail that is older than
    maximal_queue_lifetime when its next try fails.
    """
    hop = next((hop for hop in story.hops if hop.id == delivery.hop), None)
    tried_at = delivery.last_attempt_at
    if delivery.disposition != Disposition.DEFERRED or hop is None or tried_at is None:
        return None
    least = timedelta(seconds=settings.RETRY_MIN_SECONDS)
    most = timedelta(seconds=settings.RETRY_MAX_SECONDS)
    wait = min(max(tried_at - hop.opened_at, least), most)
    lifetime = timedelta(hours=settings.QUEUE_LIFETIME_HOURS)
    return Outlook(tried_at + wait, hop.opened_at + lifetime)
