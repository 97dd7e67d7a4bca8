"""The time range of a search: always bounded, from presets or exact times. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Period(TextChoices):
    HOUR = "1h", _("Last hour")
    TODAY = "today", _("Today")
    DAY = "24h", _("24 hours")
    WEEK = "7d", _("7 days")
    MONTH = "30d", _("30 days")


LENGTHS = {
    Period.HOUR: timedelta(hours=1),
    Period.DAY: timedelta(days=1),
    Period.WEEK: timedelta(days=7),
    Period.MONTH: timedelta(days=30),
}
_INSTANT = timedelta(microseconds=1)
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From ``since`` up to, not including, ``until``.

    ``period`` is "" for exact times. ``ends_at_newest``: the newest mail is older than the
    period, so it ends there and not now.
    """

    since: datetime
    until: datetime
    period: str
    ends_at_newest: bool = False


def resolve_range(
    now: datetime,
    newest: datetime | None,
    *,
    period: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> TimeRange:
    """Exact times win over a preset; with neither, it is the last 24 hours.

    ``now`` is in the site's zone, which decides when today began. A clock of a relay that is
    ahead doesn't hide its newest mail.
    """
    if since is not None or until is not None:
        return _exact(now, since, until)
    chosen = Period(period) if period else Period.DAY
    end = now + _AHEAD if newest and newest > now else now
    if newest is not None and newest < _begin(chosen, now):
        end = newest + _INSTANT
        return TimeRange(
            _begin(chosen, newest.astimezone(now.tzinfo)), end, chosen, ends_at_newest=True
        )
    return TimeRange(_begin(chosen, now), end + _INSTANT, chosen)


def _begin(period: Period, end: datetime) -> datetime:
    if period is Period.TODAY:
        return end.replace(hour=0, minute=0, second=0, microsecond=0)
    return end - LENGTHS[period]


def _exact(now: datetime, since: datetime | None, until: datetime | None) -> TimeRange:
    if until is None:
        until = max(now, since or now) + _INSTANT
    if since is None:
        since = until - LENGTHS[Period.DAY]
    return TimeRange(since, until, "")
