"""Time stamps of log lines, as microseconds since 1970 in UTC.

RFC 3164 has no year and no zone. The zone is that of the source; the year is the latest one
that puts the stamp not more than a day after the reference (when the lines were taken in).
A stamp within a month of the line before it keeps its year's course, also over New Year.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

SECOND = 1_000_000
DAY = 86_400 * SECOND
NEAR = 31 * DAY
DISORDER = 300 * SECOND
"""How far lines of the repeated hour (end of summer time) may be out of order."""

FIRST_YEAR, LAST_YEAR = 1970, 2200

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_BSD_DAYS = {
    f"{name} {day:{pad}2} ": (month, day)
    for month, name in enumerate(_MONTHS, start=1)
    for day in range(1, 32)
    for pad in (" ", "0")
}
_HOURS = {f"{hour:02}": hour for hour in range(24)}
_MINUTES = {f":{minute:02}:": minute * 60 * SECOND for minute in range(60)}
_SECONDS = {f"{second:02} ": second * SECOND for second in range(61)}
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:[.,]([0-9]{1,9}))?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def is_same_time(one: int, other: int) -> bool:
    """Whether two stamps can be of one line: by one of two ways it may have lost its fraction."""
    return one == other or (
        one // SECOND == other // SECOND and (one % SECOND == 0 or other % SECOND == 0)
    )


class StampReader:
    """Reads stamps of one source in order.

    ``year`` is that of the very first line, if known; ``previous`` the last stamp read before,
    if these are not the first lines of their source.
    """

    def __init__(
        self, zone: tzinfo, reference: float, year: int | None, previous: int | None
    ) -> None:
        self._zone = zone
        self._latest = round(reference * SECOND) + DAY
        self._year = year
        self._previous = previous
        self._bsd_hour = ""
        self._bsd_base = 0

    def read_iso(self, stamp: str) -> int | None:
        """RFC 3339, with or without a fraction: ``2026-11-24T11:15:56.376339+00:00``."""
        match = _ISO.fullmatch(stamp)
        if match is None:
            return None
        year, month, day, hour, minute, second = map(int, match.groups()[:6])
        zone = self._iso_tzinfo(match[8])
        base = _instant(year, (month, day), hour, zone)
        if base is None or minute > 59 or second > 60:
            return None
        base += (minute * 60 + second) * SECOND
        self._previous = base
        return base + int((match[7] or "0").ljust(6, "0")[:6])

    def _iso_tzinfo(self, text: str | None) -> tzinfo:
        if not text:
            return self._zone
        if text == "Z":
            return UTC
        offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
        if offset >= timedelta(days=1):
            return UTC
        return timezone(-offset if text[0] == "-" else offset)

    def read_bsd(self, stamp: str) -> int | None:
        """RFC 3164 with the blank after it: ``Nov  4 09:01:07 ``."""
        minute = _MINUTES.get(stamp[9:13])
        second = _SECONDS.get(stamp[13:])
        if minute is None or second is None:
            return None
        if stamp[:9] == self._bsd_hour:
            self._previous = self._bsd_base + minute + second
            return self._previous
        day, hour = _BSD_DAYS.get(stamp[:7]), _HOURS.get(stamp[7:9])
        if day is None or hour is None:
            return None
        return self._read_bsd_hour(stamp[:9], day, hour, minute + second)

    def _read_bsd_hour(self, text: str, day: tuple[int, int], hour: int, offset: int) -> int | None:
        """A stamp of another hour than the line before it, or of an hour that is not plain."""
        year = self._choose_year(day, hour)
        base = None if year is None else _instant(year, day, hour, self._zone)
        if year is None or base is None:
            return None
        at = base + offset
        if _is_plain(year, day, hour, self._zone):
            self._bsd_hour, self._bsd_base = text, base
        else:
            self._bsd_hour = ""
            at = self._choose_fold(datetime(year, *day, hour, tzinfo=self._zone), offset)
        self._previous = at
        return at

    def _choose_fold(self, start: datetime, offset: int) -> int:
        """Of the two readings of a repeated hour the one that keeps the order of lines."""
        local = start + timedelta(microseconds=offset)
        early, late = (_microseconds(local.replace(fold=fold)) for fold in (0, 1))
        if self._previous is None or early >= self._previous - DISORDER or late < early:
            return early
        return late

    def _choose_year(self, day: tuple[int, int], hour: int) -> int | None:
        """The year of a stamp; None for 29 February when no year fits."""
        if self._previous is None:
            return self._year or self._latest_year(day, hour)
        around = _local_year(self._previous, self._zone)
        starts = {
            year: start
            for year in (around - 1, around, around + 1)
            if (start := _instant(year, day, hour, self._zone)) is not None
        }
        for year, start in starts.items():
            if abs(start - self._previous) <= NEAR:
                return year
        if self._year:
            return next((y for y, start in starts.items() if start > self._previous), None)
        return self._latest_year(day, hour)

    def _latest_year(self, day: tuple[int, int], hour: int) -> int | None:
        newest = _local_year(self._latest, self._zone)
        for year in range(newest, newest - 9, -1):
            start = _instant(year, day, hour, self._zone)
            if start is not None and start <= self._latest:
                return year
        return None


def _instant(year: int, day: tuple[int, int], hour: int, zone: tzinfo) -> int | None:
    """Microseconds at the start of an hour of local time; None when there is no such day."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return _microseconds(datetime(year, *day, hour, tzinfo=zone))
    except ValueError:
        return None


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _local_year(at: int, zone: tzinfo) -> int:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone).year


def _is_plain(year: int, day: tuple[int, int], hour: int, zone: tzinfo) -> bool:
    """Whether the hour has one offset from UTC: neither skipped nor repeated, nor in part."""
    start = datetime(year, *day, hour, tzinfo=zone)
    ends = (start, start + timedelta(minutes=59, seconds=59))
    return len({end.replace(fold=fold).utcoffset() for end in ends for fold in (0, 1)}) == 1
