"""Time in the simulator: whole microseconds since 1970 (UTC), shown in the site's zone."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

SITE_ZONE = timezone(timedelta(hours=7))  # Asia/Jakarta, which has no summer time


def from_datetime(moment: datetime) -> int:
    """Microseconds of a moment; one without a zone is taken as the site's."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=SITE_ZONE)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def site_time(at: int) -> datetime:
    """The site's wall clock, to the second."""
    return datetime.fromtimestamp(at // SECOND, tz=SITE_ZONE)


def utc_text(at: int) -> str:
    """RFC 3339 in UTC with six digits, as the truth files give it."""
    return (
        datetime.fromtimestamp(at // SECOND, tz=UTC).replace(microsecond=at % SECOND)
    ).isoformat(timespec="microseconds")


def between(rng: random.Random, low: float, high: float) -> int:
    """Some microseconds between two numbers of seconds."""
    return int((low + rng.random() * (high - low)) * SECOND)
