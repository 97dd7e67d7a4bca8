"""A network sends n times its usual.

Usual is the mean of the same hour of the weekday over the four weeks before, of the weeks of which
anything is known. A network that never sends in that hour has a usual of one mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from stats.alerts.choices import SubjectKind
from stats.alerts.evidence import search_path
from stats.alerts.known import hour_of
from stats.alerts.models import AlertRule
from stats.alerts.reading import Reading, Subject
from stats.days import HOUR
from stats.rollups import select
from tracking.choices import MessageKind
from tracking.models import ClientNetwork

WEEKS = (1, 2, 3, 4)
# With fewer weeks behind it, nobody knows what is usual.
LEAST_WEEKS = 2
_VALUES = """
WITH past AS (
    SELECT p.hour, p.before FROM unnest(%(hours)s::timestamptz[], %(before)s::timestamptz[])
    AS p(hour, before) JOIN stats_sitehour s ON s.hour = p.before
), counted AS (
    SELECT hour, network_id, sum(messages)::bigint AS mails FROM stats_traffichour
    WHERE hour = ANY(%(needed)s::timestamptz[]) AND kind = %(mail)s AND network_id IS NOT NULL
      AND (%(customer)s::bigint IS NULL OR network_id IN (
        SELECT id FROM tracking_clientnetwork WHERE customer_id = %(customer)s))
    GROUP BY 1, 2
)
SELECT c.network_id, c.hour, c.mails, sum(coalesce(b.mails, 0))::float / count(*)
FROM counted c JOIN past p ON p.hour = c.hour
LEFT JOIN counted b ON b.network_id = c.network_id AND b.hour = p.before
WHERE c.mails >= %(minimum)s
GROUP BY 1, 2, 3
HAVING count(*) >= %(weeks)s
   AND c.mails >= %(least)s * greatest(sum(coalesce(b.mails, 0))::float / count(*), 1)
"""


class _Row(NamedTuple):
    network: int
    hour: datetime
    mails: int
    usual: float

    @property
    def value(self) -> float:
        return self.mails / max(self.usual, 1.0)


def measure(rule: AlertRule, steps: Sequence[datetime]) -> Iterator[tuple[datetime, Reading]]:
    """Of each step (the beginning of an hour), networks at ``clear_at`` or more.

    A step's value is the greater one of its hour and the hour before: an hour that has just begun
    says nothing yet.
    """
    hours = sorted({hour for step in steps for hour in (step - HOUR, step)})
    found = {(row.network, row.hour): row for row in _rows(rule, hours)}
    networks = ClientNetwork.objects.select_related("customer")
    by_id = networks.in_bulk(list({network for network, _hour in found}))
    for step in steps:
        for pk, network in by_id.items():
            pair = [found[pk, hour] for hour in (step, step - HOUR) if (pk, hour) in found]
            if pair:
                yield step, _reading(network, max(pair, key=lambda row: row.value))


def _rows(rule: AlertRule, hours: Sequence[datetime]) -> list[_Row]:
    pairs = [(hour, weeks_before(hour, weeks)) for hour in hours for weeks in WEEKS]
    values = {
        "hours": [hour for hour, _before in pairs],
        "before": [before for _hour, before in pairs],
        "needed": sorted({moment for pair in pairs for moment in pair}),
        "mail": MessageKind.MAIL.value,
        "customer": rule.customer_id,
        "minimum": max(rule.minimum, 1),
        "weeks": LEAST_WEEKS,
        "least": rule.clear_at,
    }
    return [_Row(*row) for row in select(_VALUES, values)]


def weeks_before(hour: datetime, weeks: int) -> datetime:
    """The same hour of the site's clocks, weeks ago."""
    local = hour.astimezone(ZoneInfo(settings.SITE_TIME_ZONE))
    return hour_of((local - timedelta(weeks=weeks)).astimezone(UTC))


def _reading(network: ClientNetwork, row: _Row) -> Reading:
    text = str(network.network)
    subject = Subject(SubjectKind.NETWORK, str(network.pk), f"{text} ({network.customer})")
    until = row.hour + HOUR
    evidence = search_path(row.hour, until, kind="mail", client_network=text)
    return Reading(subject, row.value, row.mails, row.hour, until, evidence, row.usual)
