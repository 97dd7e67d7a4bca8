"""One virus in mail to many recipients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from stats.alerts.choices import SubjectKind
from stats.alerts.evidence import search_path
from stats.alerts.models import AlertRule
from stats.alerts.reading import Reading, Subject
from stats.days import HOUR
from stats.models import VerdictSubject
from stats.rollups import select
from tracking.models import Name

_RECIPIENTS = """
SELECT s.step, v.name_id, sum(v.recipients)::bigint
FROM unnest(%(steps)s::timestamptz[]) AS s(step)
JOIN stats_verdicthour v ON v.hour BETWEEN s.step - %(before)s AND s.step
WHERE v.hour >= %(since)s AND v.hour < %(until)s AND v.subject = %(virus)s
GROUP BY 1, 2
"""


def measure(rule: AlertRule, steps: Sequence[datetime]) -> Iterator[tuple[datetime, Reading]]:
    """Of each step, the recipients of each virus in the hours up to its end."""
    before = rule.window_hours * HOUR
    values = {
        "steps": list(steps),
        "since": min(steps) - before,
        "until": max(steps) + HOUR,
        "before": before,
        "virus": VerdictSubject.VIRUS.value,
    }
    rows = select(_RECIPIENTS, values)
    names = Name.objects.in_bulk({row[1] for row in rows})
    for step, key, recipients in rows:
        if key in names:
            yield step, _reading(names[key], step - before, step + HOUR, recipients)


def _reading(virus: Name, since: datetime, until: datetime, recipients: int) -> Reading:
    subject = Subject(SubjectKind.VIRUS, str(virus.pk), virus.name)
    evidence = search_path(since, until, kind="mail", virus=virus.name)
    return Reading(subject, float(recipients), recipients, since, until, evidence)
