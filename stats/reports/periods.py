"""Days, weeks and months that are over, and when their report is due. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stats.days import HOUR
from stats.reports.choices import Every
from stats.spans import Span

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of a zone, both included."""

    every: Every
    first: date
    last: date
    zone: ZoneInfo

    @property
    def before(self) -> Period:
        """The calendar's one before it."""
        return period_ending_before(self.every, self.first, self.zone)

    @property
    def span(self) -> Span:
        """Its hours; of a zone whose midnight is not on a UTC hour, from the next one on."""
        return Span(self._midnight(self.first), self._midnight(self.last + _DAY))

    def _midnight(self, day: date) -> datetime:
        moment = datetime.combine(day, time(), self.zone).astimezone(UTC)
        whole = moment.replace(minute=0)
        return whole if whole == moment else whole + HOUR

    def due_at(self, hour: int) -> datetime:
        """In the morning after its last day."""
        morning = datetime.combine(self.last + _DAY, time(hour), self.zone)
        return morning.astimezone(UTC)


def period_ending_before(every: Every, day: date, zone: ZoneInfo) -> Period:
    """The newest whole period that ended before this day."""
    if every is Every.DAY:
        return Period(every, day - _DAY, day - _DAY, zone)
    if every is Every.WEEK:
        monday = day - day.weekday() * _DAY
        return Period(every, monday - 7 * _DAY, monday - _DAY, zone)
    last = day.replace(day=1) - _DAY
    return Period(every, last.replace(day=1), last, zone)


def newest_period(every: Every, now: datetime, zone: ZoneInfo) -> Period:
    """The newest one that is over."""
    return period_ending_before(every, now.astimezone(zone).date(), zone)
