"""Days of the site's time zone, as runs of the UTC hours that rollups have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)


def site_zone() -> ZoneInfo:
    """Of the days, whatever zone is in force: a worker's is UTC."""
    return ZoneInfo(settings.SITE_TIME_ZONE)


@dataclass(frozen=True, slots=True)
class Day:
    """A day from ``since`` up to, not including, ``until``.

    Of a zone whose midnight is not on a UTC hour, a day begins with the next one, so that figures
    are exact for the times given.
    """

    on: date
    since: datetime
    until: datetime

    @classmethod
    def of(cls, day: date) -> Day:
        return cls(day, _beginning(day), _beginning(day + ONE_DAY))

    @classmethod
    def today(cls) -> Day:
        return cls.at(timezone.now())

    @classmethod
    def at(cls, moment: datetime) -> Day:
        """The day that a moment is in."""
        day = cls.of(moment.astimezone(site_zone()).date())
        return day if day.since <= moment else cls.of(day.on - ONE_DAY)

    @property
    def iso(self) -> str:
        return self.on.isoformat()

    @property
    def before(self) -> Day:
        return Day.of(self.on - ONE_DAY)

    @property
    def after(self) -> Day:
        return Day.of(self.on + ONE_DAY)

    @property
    def complete_until(self) -> datetime:
        """The end of the day, or of its last hour that is over."""
        now = timezone.now().astimezone(UTC)
        return max(self.since, min(self.until, now.replace(minute=0, second=0, microsecond=0)))

    @property
    def is_over(self) -> bool:
        return self.complete_until == self.until

    def hours(self) -> list[datetime]:
        """The beginnings of its hours: 24, or 23 or 25 when clocks change."""
        count = (self.until - self.since) // HOUR
        return [self.since + number * HOUR for number in range(count)]

    def last(self, count: int) -> list[Day]:
        """Days up to and with this one, oldest first."""
        return [Day.of(self.on - number * ONE_DAY) for number in reversed(range(count))]


def _beginning(day: date) -> datetime:
    midnight = datetime.combine(day, time(), site_zone()).astimezone(UTC)
    whole = midnight.replace(minute=0, second=0, microsecond=0)
    return whole if whole == midnight else whole + HOUR
