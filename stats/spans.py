"""Ranges of time that pages show: whole UTC hours, as rollups have them, up to a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stats.days import HOUR, ONE_DAY, Day

LONGEST = timedelta(days=366)
# Ranges up to this long have a bar for each hour, longer ones for each day.
BY_HOUR = timedelta(days=3)
# Bars of more days than this are of weeks.
BY_DAY = timedelta(days=100)


class Preset(TextChoices):
    TODAY = "today", _("Today")
    YESTERDAY = "yesterday", _("Yesterday")
    WEEK = "7d", _("7 days")
    MONTH_LONG = "30d", _("30 days")
    MONTH = "month", _("This month")


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since`` up to, not including, ``until``; both are beginnings of UTC hours."""

    since: datetime
    until: datetime

    @classmethod
    def of_days(cls, first: date, last: date) -> Span:
        """Days of the site's zone, both included."""
        return cls(Day.of(first).since, Day.of(last).until)

    @classmethod
    def around(cls, since: datetime, until: datetime) -> Span:
        """The hours that these times touch."""
        end = _hour_of(until)
        return cls(_hour_of(since), end if end == until else end + HOUR)

    @classmethod
    def of_preset(cls, preset: Preset) -> Span:
        today = Day.today().on
        first, last = {
            Preset.TODAY: (today, today),
            Preset.YESTERDAY: (today - ONE_DAY, today - ONE_DAY),
            Preset.WEEK: (today - 6 * ONE_DAY, today),
            Preset.MONTH_LONG: (today - 29 * ONE_DAY, today),
            Preset.MONTH: (today.replace(day=1), today),
        }[preset]
        return cls.of_days(first, last)

    @property
    def first(self) -> Day:
        return Day.at(self.since)

    @property
    def last(self) -> Day:
        return Day.at(self.until - HOUR)

    @property
    def is_whole_days(self) -> bool:
        return (self.first.since, self.last.until) == (self.since, self.until)

    @property
    def day(self) -> Day | None:
        """The day that it is, if it is just one."""
        first = self.first
        return first if (first.since, first.until) == (self.since, self.until) else None

    @property
    def before(self) -> Span:
        """The period of the same length before it."""
        return self._moved(-1)

    @property
    def after(self) -> Span:
        return self._moved(1)

    def _moved(self, times: int) -> Span:
        if self.is_whole_days:
            first, last = self.first.on, self.last.on
            step = times * (last - first + ONE_DAY)
            return Span.of_days(first + step, last + step)
        length = times * (self.until - self.since)
        return Span(self.since + length, self.until + length)

    @property
    def complete_until(self) -> datetime:
        """Its end, or that of its last hour that is over."""
        return max(self.since, min(self.until, _hour_of(timezone.now())))

    @property
    def is_over(self) -> bool:
        return self.complete_until == self.until

    @property
    def query(self) -> str:
        """It in a query string, as RangeForm takes it."""
        if self.day:
            return urlencode({"day": self.day.iso})
        local = (timezone.localtime(moment).isoformat() for moment in (self.since, self.until))
        return urlencode(dict(zip(("since", "until"), local, strict=True)))

    @property
    def is_by_hour(self) -> bool:
        return self.until - self.since <= BY_HOUR

    @property
    def is_by_week(self) -> bool:
        return self.until - self.since > BY_DAY

    def bars(self) -> list[Span]:
        """Its parts, or of a long span its weeks from Monday, as far as they are in it."""
        return self._weeks() if self.is_by_week else self.parts()

    def parts(self) -> list[Span]:
        """Its hours, or its days: those at its ends as far as they are in it."""
        return self._hours() if self.is_by_hour else self._days()

    def _hours(self) -> list[Span]:
        count = (self.until - self.since) // HOUR
        hours = (self.since + number * HOUR for number in range(count))
        return [Span(hour, hour + HOUR) for hour in hours]

    def _weeks(self) -> list[Span]:
        found: list[Span] = []
        for day in self._days():
            if found and day.first.on.weekday():
                found[-1] = Span(found[-1].since, day.until)
            else:
                found.append(day)
        return found

    def _days(self) -> list[Span]:
        first, last = self.first.on, self.last.on
        days = (Day.of(first + number * ONE_DAY) for number in range((last - first).days + 1))
        return [Span(max(day.since, self.since), min(day.until, self.until)) for day in days]


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
