"""A provider starts refusing: more bounces and deferrals than in the day before.

The value is percentage points: 5 % before and 45 % now are 40.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from stats.alerts.choices import SubjectKind
from stats.alerts.evidence import REFUSED, weather_path
from stats.alerts.models import AlertRule
from stats.alerts.reading import Reading, Subject
from stats.days import HOUR
from stats.rollups import select
from tracking.choices import Direction, Disposition

COMPARED_WITH = 24 * HOUR
_SHARES = """
WITH counted AS (
    SELECT hour, provider, sum(recipients) AS recipients,
           coalesce(sum(recipients) FILTER (WHERE disposition = ANY(%(refused)s)), 0) AS refused
    FROM stats_providerhour
    WHERE hour >= %(since)s AND hour < %(until)s AND direction = %(outbound)s
    GROUP BY 1, 2
)
SELECT s.step, c.provider,
       sum(c.recipients) FILTER (WHERE c.hour >= s.step - %(before)s)::bigint,
       (sum(c.refused) FILTER (WHERE c.hour >= s.step - %(before)s))::bigint,
       sum(c.recipients) FILTER (WHERE c.hour < s.step - %(before)s)::bigint,
       (sum(c.refused) FILTER (WHERE c.hour < s.step - %(before)s))::bigint
FROM unnest(%(steps)s::timestamptz[]) AS s(step)
JOIN counted c ON c.hour BETWEEN s.step - %(before)s - %(compared)s AND s.step
GROUP BY 1, 2
HAVING sum(c.recipients) FILTER (WHERE c.hour >= s.step - %(before)s) >= %(minimum)s
   AND sum(c.recipients) FILTER (WHERE c.hour < s.step - %(before)s) >= %(minimum)s
"""


class _Row(NamedTuple):
    step: datetime
    provider: str
    recipients: int
    refused: int
    recipients_before: int
    refused_before: int

    @property
    def share(self) -> float:
        return 100 * self.refused / self.recipients

    @property
    def share_before(self) -> float:
        return 100 * self.refused_before / self.recipients_before


def measure(rule: AlertRule, steps: Sequence[datetime]) -> Iterator[tuple[datetime, Reading]]:
    """Of each step, providers with the minimum of recipients now and in the day before."""
    before = rule.window_hours * HOUR
    values = {
        "steps": list(steps),
        "since": min(steps) - before - COMPARED_WITH,
        "until": max(steps) + HOUR,
        "before": before,
        "compared": COMPARED_WITH,
        "outbound": Direction.OUTBOUND.value,
        "refused": [Disposition[word.upper()].value for word in REFUSED],
        "minimum": max(rule.minimum, 1),
    }
    for row in map(_Row._make, select(_SHARES, values)):
        yield row.step, _reading(row, row.step - before, row.step + HOUR)


def _reading(row: _Row, since: datetime, until: datetime) -> Reading:
    subject = Subject(SubjectKind.PROVIDER, row.provider, row.provider)
    evidence = weather_path(since, until)
    value = row.share - row.share_before
    return Reading(subject, value, row.recipients, since, until, evidence, row.share_before)
