"""A log source that is meant to go on and says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from stats.alerts.choices import SubjectKind
from stats.alerts.known import live_sources
from stats.alerts.models import AlertRule
from stats.alerts.reading import Reading, Subject
from stats.rollups import select

MINUTE = timedelta(minutes=1)
_SILENCES = """
SELECT source_id, ended_at, begins_at FROM (
    SELECT source_id, first_line_at AS begins_at,
           max(last_line_at) OVER (PARTITION BY source_id ORDER BY number
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ended_at
    FROM tracking_logsegment
    WHERE last_line_at >= %(since)s AND first_line_at IS NOT NULL AND source_id = ANY(%(sources)s)
) runs
WHERE begins_at - ended_at >= %(silence)s
ORDER BY ended_at
"""


def measure_now(now: datetime) -> Iterator[Reading]:
    """Of each live source, the minutes since its newest line, as /status/ shows them."""
    for source in live_sources():
        newest = source.last_line_at or now
        minutes = max((now - newest) / MINUTE, 0.0)
        subject = Subject(SubjectKind.SOURCE, str(source.pk), source.name)
        yield Reading(subject, minutes, 0, newest, now, reverse("tracking:status"))


def silences(
    rule: AlertRule, since: datetime, now: datetime
) -> Iterator[tuple[str, datetime, datetime]]:
    """Source and the time in which it was over the threshold; the last one may go on."""
    silence = rule.raise_at * MINUTE
    sources = live_sources()
    values = {"since": since, "silence": silence, "sources": [source.pk for source in sources]}
    for source, ended_at, begins_at in select(_SILENCES, values):
        yield str(source), ended_at + silence, begins_at
    for found in sources:
        newest = found.last_line_at or now
        if now - newest >= silence and newest >= since:
            yield str(found.pk), newest + silence, now
