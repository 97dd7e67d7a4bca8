"""Mail and rejections of a span, and of the whole site by hour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from django.utils import timezone

from stats.rollups import select
from stats.selectors.pieces import Table, sums
from stats.spans import Span
from tracking.choices import Direction, MessageKind

REJECTED = "rejected"
SERIES_KEYS = (*(item.name.lower() for item in Direction), REJECTED)

_MAIL = Table(
    "stats_relay",
    ("relay_id", "direction", "kind", "service_class", "disposition", "quarantine_kind"),
    ("messages", "recipients", "bytes", "delay_ms", "timed"),
)
_DAY_HOURS = """
SELECT extract(hour FROM hour AT TIME ZONE %(zone)s)::integer, sum(inbound)::bigint,
       sum(outbound)::bigint
FROM stats_sitehour WHERE hour >= %(since)s AND hour < %(until)s GROUP BY 1
"""
_WEEK_HOURS = """
SELECT extract(isodow FROM local)::integer - 1, extract(hour FROM local)::integer,
       coalesce(sum({key}), 0)::bigint, count(*), max(h.hour)
FROM (
    SELECT hour, hour AT TIME ZONE %(zone)s AS local
    FROM generate_series(%(since)s, %(until)s - interval '1 hour', interval '1 hour') hour
) h LEFT JOIN stats_sitehour USING (hour)
GROUP BY 1, 2
"""
_REJECTIONS = Table("stats_rejection", ("relay_id", "kind", "stage"), ("rejections",))


_SERIES = ", ".join(f"sum({key})::bigint" for key in SERIES_KEYS)
# Which of the spans an hour is in, from 1 on: they follow each other.
_PARTS = f"""
SELECT width_bucket(hour, %(begins)s::timestamptz[]), {_SERIES}
FROM stats_sitehour WHERE hour >= (%(begins)s::timestamptz[])[1] AND hour < %(until)s
GROUP BY 1
"""


class MailRow(NamedTuple):
    """Sums of RelayHour. ``when``: see pieces. ``delay_ms`` is of ``timed`` recipients."""

    when: int
    relay_id: int | None
    direction: int
    kind: int
    service_class: str
    disposition: int
    quarantine_kind: int
    messages: int
    recipients: int
    bytes: int
    delay_ms: int
    timed: int


class RejectionRow(NamedTuple):
    """Sums of RejectionHour."""

    when: int
    relay_id: int
    kind: int
    stage: int
    rejections: int


Row = TypeVar("Row", MailRow, RejectionRow)


class Sums(NamedTuple):
    """A figure of a span, of the part of it that is compared, and of that part before."""

    value: int
    compared: int
    before: int


@dataclass(frozen=True, slots=True)
class SpanRows(Generic[Row]):
    """Rows of a span and of the period before."""

    rows: list[Row]

    def where(self, matches: Callable[[Row], bool]) -> SpanRows[Row]:
        return SpanRows([row for row in self.rows if matches(row)])

    def equal(self, **wanted: Any) -> SpanRows[Row]:
        """Rows with these values."""
        items = list(wanted.items())
        return self.where(lambda row: all(getattr(row, name) == value for name, value in items))

    def by_relay(self) -> dict[int | None, SpanRows[Row]]:
        found: dict[int | None, SpanRows[Row]] = {}
        for row in self.rows:
            found.setdefault(row.relay_id, SpanRows([])).rows.append(row)
        return found

    def sums(self, measure: str) -> Sums:
        found = [0, 0, 0]
        for row in self.rows:
            found[row.when] += getattr(row, measure)
        return Sums(found[1] + found[2], found[1], found[0])

    def mean(self, measure: str, count: str) -> Sums:
        """Of each part of the span, rounded; 0 of nothing."""
        wholes, counts = self.sums(measure), self.sums(count)
        return Sums(*(round(a / b) if b else 0 for a, b in zip(wholes, counts, strict=True)))

    def __bool__(self) -> bool:
        """Whether the span itself has any."""
        return any(row.when for row in self.rows)


def mail_of(span: Span) -> SpanRows[MailRow]:
    return SpanRows([MailRow(*row) for row in sums(_MAIL, span)])


def mail_of_site(span: Span, direction: Direction) -> SpanRows[MailRow]:
    """Mail (of kind mail) of the whole site in one direction."""
    values = {"kind": MessageKind.MAIL.value, "direction": direction.value}
    condition = "relay_id IS NULL AND kind = %(kind)s AND direction = %(direction)s"
    return SpanRows([MailRow(*row) for row in sums(_MAIL, span, condition, values)])


def rejections_of(span: Span) -> SpanRows[RejectionRow]:
    return SpanRows([RejectionRow(*row) for row in sums(_REJECTIONS, span)])


def site_traffic(parts: list[Span]) -> list[tuple[int, ...]]:
    """Mails and rejections (SERIES_KEYS) of spans that follow each other."""
    values = {"begins": [part.since for part in parts], "until": parts[-1].until}
    found = {place: tuple(counts) for place, *counts in select(_PARTS, values)}
    return [found.get(place, (0,) * len(SERIES_KEYS)) for place in range(1, len(parts) + 1)]


def site_day_hours(span: Span) -> list[tuple[int, int]]:
    """(inbound, outbound) mails of each hour of the day, of the site's zone, summed over days."""
    values = {
        "zone": timezone.get_current_timezone_name(),
        "since": span.since,
        "until": span.until,
    }
    found = {hour: (inbound, outbound) for hour, inbound, outbound in select(_DAY_HOURS, values)}
    return [found.get(hour, (0, 0)) for hour in range(24)]


class WeekHour(NamedTuple):
    """Such hours of a span (0 is Monday): their mails, how many they are, and the newest."""

    weekday: int
    hour: int
    mails: int
    hours: int
    newest: datetime


def site_week_hours(since: datetime, until: datetime, key: str) -> list[WeekHour]:
    """One of SERIES_KEYS by weekday and hour of the site's zone; hours without mail count."""
    if key not in SERIES_KEYS:
        raise ValueError(key)
    values = {"zone": timezone.get_current_timezone_name(), "since": since, "until": until}
    return [WeekHour(*row) for row in select(_WEEK_HOURS.format(key=key), values)]
