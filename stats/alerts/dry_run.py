"""What a rule would have done in the last days: the same judging, hour by hour.

Kinds over rollups are judged at the end of each whole hour, which stands for all of it: a rule
that wants less than an hour of patience has it there. Of the queue and of silence, the log tells
the times themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from stats.alerts.choices import RuleKind, SubjectKind
from stats.alerts.evaluation import limits_of
from stats.alerts.judging import QUIET, Limits, Stage, advance
from stats.alerts.known import hours_before, known_until
from stats.alerts.measures.by_kind import HOURLY, SPANS
from stats.alerts.models import AlertRule
from stats.alerts.reading import Reading
from stats.days import HOUR
from tracking.models import LogSource, Relay

DAYS = 7
MAX_SHOWN = 10
_PATIENCE_MS = 8000


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that would have been raised; ``value`` is None where only times are known."""

    at: datetime
    subject_kind: SubjectKind
    subject_label: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class DryRun:
    """``firings`` newest first; ``is_known``: False when the database would not say in time."""

    days: int
    firings: list[Firing]
    is_known: bool = True

    @property
    def count(self) -> int:
        return len(self.firings)

    @property
    def newest(self) -> list[Firing]:
        return self.firings[:MAX_SHOWN]


def dry_run(rule: AlertRule, now: datetime | None = None) -> DryRun:
    """Of a rule that need not be saved. Writes nothing."""
    moment = now or timezone.now()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [_PATIENCE_MS])
            found = list(_firings(rule, moment))
            cursor.execute("SET LOCAL statement_timeout = 0")
    except OperationalError:  # the statement's time was over
        return DryRun(DAYS, [], is_known=False)
    return DryRun(DAYS, sorted(found, key=lambda firing: firing.at, reverse=True))


def _firings(rule: AlertRule, now: datetime) -> Iterator[Firing]:
    kind = RuleKind(rule.kind)
    if kind in HOURLY:
        steps = hours_before(known_until(now).until, DAYS * 24)
        return _hourly(limits_of(rule), steps, HOURLY[kind](rule, steps))
    since = now - timedelta(days=DAYS)
    return _spans(kind, limits_of(rule), SPANS[kind](rule, since, now))


def _hourly(
    limits: Limits, steps: list[datetime], pairs: Iterable[tuple[datetime, Reading]]
) -> Iterator[Firing]:
    limits = replace(limits, hold=max(limits.hold - HOUR, timedelta()))
    by_subject: dict[str, dict[datetime, Reading]] = defaultdict(dict)
    for step, reading in pairs:
        by_subject[reading.subject.key][step] = reading
    for readings in by_subject.values():
        yield from _of_subject(limits, steps, readings)


def _of_subject(
    limits: Limits, steps: list[datetime], readings: dict[datetime, Reading]
) -> Iterator[Firing]:
    standing, rests_until = QUIET, steps[0]
    for step in steps:
        at, reading = step + HOUR, readings.get(step)
        value, count = (reading.value, reading.count) if reading else (0.0, -1)
        after = advance(
            standing,
            limits,
            at,
            is_over=limits.is_over(value, count),
            is_clear=limits.is_clear(value, count),
            is_resting=at < rests_until,
        )
        if reading is not None and after.stage is Stage.OPEN is not standing.stage:
            yield Firing(at, reading.subject.kind, reading.subject.label, value)
        if standing.stage is Stage.OPEN is not after.stage:
            rests_until = at + limits.cooldown
        standing = after


def _spans(
    kind: RuleKind, limits: Limits, spans: Iterable[tuple[str, datetime, datetime]]
) -> Iterator[Firing]:
    """Times of one subject that overlap, or follow within the cool-down, are one alert."""
    by_subject: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for key, since, until in spans:
        if until - since >= limits.hold:
            by_subject[key].append((since, until))
    subject_kind, names = _names(kind, list(by_subject))
    for key, found in by_subject.items():
        for since in _beginnings(sorted(found), limits.cooldown):
            yield Firing(since + limits.hold, subject_kind, names.get(key, key))


def _beginnings(spans: list[tuple[datetime, datetime]], cooldown: timedelta) -> Iterator[datetime]:
    yield spans[0][0]
    ended_at = spans[0][1]
    for (_, until), (since, _next_until) in pairwise(spans):
        ended_at = max(ended_at, until)
        if since > ended_at + cooldown:
            yield since


def _names(kind: RuleKind, keys: list[str]) -> tuple[SubjectKind, dict[str, str]]:
    is_queue = kind is RuleKind.QUEUE_AGE
    found = (Relay if is_queue else LogSource).objects.filter(pk__in=keys)
    names = {str(pk): name for pk, name in found.values_list("pk", "name")}
    return (SubjectKind.RELAY if is_queue else SubjectKind.SOURCE), names
