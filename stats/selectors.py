"""Reads of rollups, each one query however many mails there are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import add
from typing import Any, Generic, NamedTuple, TypeVar

from django.db.models import Count, Q

from stats.models import SiteHour
from stats.rollups import select
from stats.spans import Span
from tracking.choices import Direction, SourceKind
from tracking.models import LogSource, Relay

# A source that is this far behind the newest line of all is told of.
BEHIND = timedelta(minutes=2)
REJECTED = "rejected"
SERIES_KEYS = (*(item.name.lower() for item in Direction), REJECTED)

# An hour is of the period before, of the part of the span that is compared with it, or of the rest.
_WHEN = "CASE WHEN hour < %(since)s THEN 0 WHEN hour < %(cut)s THEN 1 ELSE 2 END"
_HOURS = """
(hour >= %(since)s AND hour < %(until)s OR hour >= %(before)s AND hour < %(before_cut)s)
"""
_MAIL = f"""
SELECT {_WHEN}, relay_id, direction, kind, service_class, disposition, quarantine_kind,
       sum(messages)::bigint, sum(recipients)::bigint, sum(bytes)::bigint
FROM stats_relayhour WHERE {_HOURS}
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_REJECTIONS = f"""
SELECT {_WHEN}, relay_id, kind, sum(rejections)::bigint
FROM stats_rejectionhour WHERE {_HOURS}
GROUP BY 1, 2, 3
"""
_EXTENT = """
SELECT greatest((SELECT max(hour) FROM stats_sitehour), (SELECT max(hour) FROM stats_relayhour)),
       (SELECT count(*) FROM tracking_dirtyhour)
"""


class MailRow(NamedTuple):
    """Sums of RelayHour; ``when``: 0 the period before, 1 what is compared with it, 2 the rest."""

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


class RejectionRow(NamedTuple):
    """Sums of RejectionHour."""

    when: int
    relay_id: int
    kind: int
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

    def __bool__(self) -> bool:
        """Whether the span itself has any."""
        return any(row.when for row in self.rows)


def mail_of(span: Span) -> SpanRows[MailRow]:
    return SpanRows([MailRow(*row) for row in select(_MAIL, _bounds(span))])


def rejections_of(span: Span) -> SpanRows[RejectionRow]:
    return SpanRows([RejectionRow(*row) for row in select(_REJECTIONS, _bounds(span))])


def _bounds(span: Span) -> dict[str, Any]:
    """Of a span that goes on, its complete hours are compared with as many of the one before."""
    before, cut = span.before, span.complete_until
    return {
        "since": span.since,
        "cut": cut,
        "until": span.until,
        "before": before.since,
        "before_cut": span.since if span.is_over else before.since + (cut - span.since),
    }


def site_traffic(parts: list[Span]) -> list[tuple[int, ...]]:
    """Mails and rejections (SERIES_KEYS) of spans that follow each other."""
    hours = SiteHour.objects.filter(hour__gte=parts[0].since, hour__lt=parts[-1].until)
    ends = [part.until for part in parts]
    found = [(0,) * len(SERIES_KEYS) for _ in parts]
    for hour, *counts in hours.values_list("hour", *SERIES_KEYS):
        place = bisect_right(ends, hour)
        found[place] = tuple(map(add, found[place], counts))
    return found


def site_hours(span: Span, key: str) -> dict[datetime, int]:
    """One of SERIES_KEYS by hour; hours without any mail are not there."""
    hours = SiteHour.objects.filter(hour__gte=span.since, hour__lt=span.until)
    return dict(hours.values_list("hour", key))


class Extent(NamedTuple):
    """The newest hour that has figures, and how many hours wait to be made anew."""

    newest: datetime | None
    waiting_hours: int


def extent() -> Extent:
    newest, waiting = select(_EXTENT)[0]
    return Extent(newest, waiting)


def relays_by_name() -> list[Relay]:
    return list(Relay.objects.order_by("name"))


@dataclass(frozen=True, slots=True)
class Behind:
    """A source that is not as far as the newest line; ``segments`` wait to be processed."""

    name: str
    seconds: float
    segments: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far the log was read; ``newest`` is None when there is no line at all."""

    newest: datetime | None
    behind: list[Behind]


def completeness() -> Completeness:
    """Of all sources; only one that goes on, or that has segments waiting, can be behind."""
    waiting = Count("segments", filter=Q(segments__processed_at__isnull=True))
    fields = LogSource.objects.only("name", "kind", "is_followed", "last_line_at")
    sources = list(fields.annotate(waiting=waiting).order_by("name"))
    newest = max((s.last_line_at for s in sources if s.last_line_at), default=None)
    behind = [] if newest is None else list(_behind(sources, newest))
    return Completeness(newest, sorted(behind, key=lambda item: -item.seconds))


def _behind(sources: Iterable[LogSource], newest: datetime) -> Iterable[Behind]:
    for source in sources:
        segments: int = getattr(source, "waiting", 0)
        goes_on = source.is_followed or source.kind in {SourceKind.PUSH, SourceKind.STREAM}
        lag = newest - (source.last_line_at or newest)
        if segments or (goes_on and lag >= BEHIND):
            yield Behind(source.name, lag.total_seconds(), segments)
