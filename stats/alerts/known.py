"""Up to when mail is known: a rise or drop that missing logs make is not one.

Rules about mail look only as far as every log source that goes on has told. A source that has
been silent for longer than PATIENCE no longer holds the others back; alerts then say which mail
they lack. That a source is silent is a rule of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from stats.days import HOUR
from stats.rollups import select
from tracking.choices import SourceKind
from tracking.models import LogSource

PATIENCE = timedelta(hours=2)
# Marked hours wait seconds; one that waits for longer has figures that are not true.
_ROLLED_UP_WITHIN = timedelta(minutes=2)
_OLDEST_LOOKED_AT = timedelta(hours=48)
_STALE = "SELECT EXISTS (SELECT 1 FROM tracking_dirtyhour WHERE hour >= %s AND marked_at < %s)"


@dataclass(frozen=True, slots=True)
class Known:
    """``until``: what happened before is known; ``holding``: sources that it ends with.

    ``without``: sources that are left out. ``is_stale``: figures are being made anew.
    """

    now: datetime
    until: datetime
    holding: tuple[str, ...]
    without: tuple[str, ...]
    is_stale: bool

    @property
    def hour(self) -> datetime:
        """The beginning of the newest hour of which something is known."""
        return hour_of(self.until)


def hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def live_sources() -> list[LogSource]:
    """Sources that are meant to go on, and have told something, by name."""
    goes_on = Q(is_followed=True) | Q(kind__in=(SourceKind.PUSH, SourceKind.STREAM))
    found = LogSource.objects.filter(goes_on, last_line_at__isnull=False)
    return list(found.only("name", "last_line_at", "hosts").order_by("name"))


def known_until(now: datetime) -> Known:
    """Two queries."""
    told = {source.name: source.last_line_at or now for source in live_sources()}
    without = tuple(name for name, at in told.items() if now - at > PATIENCE)
    counted = {name: at for name, at in told.items() if name not in without}
    until = min([*counted.values(), now])
    holding = tuple(name for name, at in counted.items() if at - until < timedelta(seconds=1))
    values = [hour_of(now) - _OLDEST_LOOKED_AT, now - _ROLLED_UP_WITHIN]
    is_stale = bool(select(_STALE, values)[0][0])
    return Known(now, until, holding if until < now - _ROLLED_UP_WITHIN else (), without, is_stale)


def hours_before(until: datetime, count: int) -> list[datetime]:
    """The beginnings of the last whole hours before a time, oldest first."""
    end = hour_of(until)
    return [end - number * HOUR for number in range(count, 0, -1)]
