"""How far figures go: the newest hour, what waits to be counted, and sources that are behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Q

from stats.rollups import select
from tracking.choices import SourceKind
from tracking.models import LogSource, Relay

# A source that is this far behind the newest line of all is told of.
BEHIND = timedelta(minutes=2)

_EXTENT = """
SELECT greatest((SELECT max(hour) FROM stats_sitehour), (SELECT max(hour) FROM stats_relayhour)),
       (SELECT count(*) FROM tracking_dirtyhour)
"""


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
