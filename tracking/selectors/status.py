"""How complete the log is: lag, gaps and unsupported shapes by source."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Case, Count, Min, Q, Sum, Value, When
from django.utils import timezone

from tracking.choices import RelayRole, SourceKind
from tracking.models import LogSegment, LogSource, Relay, UnsupportedShape

GAP = timedelta(minutes=30)
LATE = timedelta(minutes=5)
MAX_SHAPES = 100
MAX_GAPS = 5
MAX_NAMED = 4
MAX_RELAYS = 200
_SEGMENTS_LOOKED_AT = 500
_NEWEST = 5000

_GAPS = """
SELECT source_id, ended_at, begins_at FROM (
    SELECT s.source_id, s.first_line_at AS begins_at,
           max(s.last_line_at) OVER (PARTITION BY s.source_id ORDER BY s.number
                                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ended_at
    FROM tracking_logsource l JOIN tracking_logsegment s
      ON s.source_id = l.id AND s.number > l.next_to_process - %s AND s.processed_at IS NOT NULL
) runs
WHERE begins_at - ended_at > %s::interval ORDER BY begins_at DESC
"""
# Bounded: the relays of the newest mail and rejections; the others have been silent for longer.
_RELAYS = """
SELECT relay_id, max(at) FROM (
    SELECT h.relay_id, coalesce(h.ended_at, h.opened_at) AS at
    FROM (SELECT message_id, received_at FROM tracking_delivery WHERE is_final
          ORDER BY received_at DESC LIMIT %(newest)s) d
    JOIN tracking_hop h ON h.message_id = d.message_id AND h.received_at = d.received_at
    UNION ALL
    SELECT relay_id, received_at FROM (
        SELECT relay_id, received_at FROM tracking_rejection
        ORDER BY received_at DESC LIMIT %(newest)s) j
) lines GROUP BY relay_id
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a line between two segments of a source."""

    since: datetime
    until: datetime

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()


@dataclass(slots=True)
class SourceStatus:
    """A LogSource with what waits. ``lag_seconds``: age of its newest line, None without one.

    Only a source that is meant to go on (followed, pushed, streamed) can be late.
    """

    source: LogSource
    waiting: int
    oldest_waiting_at: datetime | None
    lag_seconds: float | None
    is_live: bool
    is_late: bool
    gaps: list[Gap] = field(default_factory=list)

    @property
    def relays(self) -> str:
        """The relays whose lines it brings, by name; its own name when they are many or none."""
        hosts: list[str] = self.source.hosts
        return ", ".join(sorted(hosts)) if 0 < len(hosts) <= MAX_NAMED else self.source.name


@dataclass(frozen=True, slots=True)
class RelayStatus:
    """A relay and its newest line that belongs to a mail or rejection."""

    relay: Relay
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Relays:
    """Those that are shown, and how many there are; anybody who may push can forge host names."""

    rows: list[RelayStatus]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class IngestLag:
    """What is stored but not processed yet: segments, and for how long the oldest has waited."""

    segments: int
    seconds: float


def ingest_lag() -> IngestLag:
    """For /readyz; reads only the index of waiting segments."""
    waiting = LogSegment.objects.filter(processed_at__isnull=True).aggregate(
        segments=Count("pk"), oldest=Min("received_at")
    )
    oldest = waiting["oldest"]
    seconds = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return IngestLag(waiting["segments"], max(seconds, 0.0))


def source_statuses() -> list[SourceStatus]:
    """Every source by name; three queries."""
    now = timezone.now()
    waiting = Q(segments__processed_at__isnull=True, segments__isnull=False)
    sources = LogSource.objects.defer("carry").annotate(
        waiting=Count("segments", filter=waiting),
        oldest_waiting_at=Min("segments__received_at", filter=waiting),
    )
    gaps = _gaps()
    return [_status(source, now, gaps[source.pk]) for source in sources.order_by("name")]


def late_sources() -> list[SourceStatus]:
    """Sources whose newest line is old, or that have segments waiting."""
    return [status for status in source_statuses() if status.is_late]


def _status(source: LogSource, now: datetime, gaps: list[Gap]) -> SourceStatus:
    waiting: int = getattr(source, "waiting", 0)
    oldest: datetime | None = getattr(source, "oldest_waiting_at", None)
    lag = (now - source.last_line_at).total_seconds() if source.last_line_at else None
    is_live = source.is_followed or source.kind in {SourceKind.PUSH, SourceKind.STREAM}
    is_late = waiting > 0 and oldest is not None and now - oldest > LATE
    is_late = is_late or bool(source.failure)
    is_late = is_late or (is_live and lag is not None and lag > LATE.total_seconds())
    return SourceStatus(source, waiting, oldest, lag, is_live, is_late, gaps[:MAX_GAPS])


def _gaps() -> dict[int, list[Gap]]:
    gaps: dict[int, list[Gap]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, [_SEGMENTS_LOOKED_AT, f"{GAP.total_seconds()} seconds"])
        for source_id, since, until in cursor.fetchall():
            gaps[source_id].append(Gap(since, until))
    return gaps


def unsupported_shapes() -> list[UnsupportedShape]:
    """The most frequent shapes first."""
    shapes = UnsupportedShape.objects.select_related("source").defer("source__carry")
    return list(shapes.order_by("-line_count", "pk")[:MAX_SHAPES])


def unsupported_lines() -> int:
    """How many lines no parser knows, of all sources."""
    total: int | None = LogSource.objects.aggregate(total=Sum("unsupported_count"))["total"]
    return total or 0


def relay_statuses() -> Relays:
    """Relays with a role or a newest line, then the others, by name; at most MAX_RELAYS.

    A newest line is one among the newest 5,000 mails and rejections.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELAYS, {"newest": _NEWEST})
        newest = dict(cursor.fetchall())
    is_other = Case(
        When(~Q(role=RelayRole.OTHER) | Q(pk__in=list(newest)), then=Value(0)), default=Value(1)
    )
    first = Relay.objects.order_by(is_other, "name")[:MAX_RELAYS]
    shown = sorted(first, key=lambda relay: relay.name)
    rows = [RelayStatus(relay, newest.get(relay.pk)) for relay in shown]
    return Relays(rows, Relay.objects.count())
