"""Too much of the mail of the site, a customer or a network bounces.

The hours looked at are the one that runs and so many before it: just begun, an hour says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from stats.alerts.choices import Per, SubjectKind
from stats.alerts.evidence import BOUNCED, search_path
from stats.alerts.models import AlertRule
from stats.alerts.reading import Reading, Subject
from stats.days import HOUR
from stats.rollups import select
from tracking.choices import Disposition, MessageKind
from tracking.models import ClientNetwork, Customer

_KEYS = {Per.SITE: "0", Per.CUSTOMER: "n.customer_id", Per.NETWORK: "t.network_id"}
_SHARES = """
WITH counted AS (
    SELECT t.hour, {key} AS subject, sum(t.recipients) AS recipients,
           sum(t.recipients) FILTER (WHERE t.disposition = ANY(%(bounced)s)) AS bounced
    FROM stats_traffichour t LEFT JOIN tracking_clientnetwork n ON n.id = t.network_id
    WHERE t.hour >= %(since)s AND t.hour < %(until)s AND t.kind = %(mail)s
      AND {key} IS NOT NULL
      AND (%(customer)s::bigint IS NULL OR n.customer_id = %(customer)s)
    GROUP BY 1, 2
)
SELECT s.step, c.subject, sum(c.recipients)::bigint, coalesce(sum(c.bounced), 0)::bigint
FROM unnest(%(steps)s::timestamptz[]) AS s(step)
JOIN counted c ON c.hour BETWEEN s.step - %(before)s AND s.step
GROUP BY 1, 2
HAVING sum(c.recipients) >= %(minimum)s
"""


@dataclass(frozen=True, slots=True)
class _Named:
    subject: Subject
    filters: dict[str, str]


def measure(rule: AlertRule, steps: Sequence[datetime]) -> Iterator[tuple[datetime, Reading]]:
    """Of each step, the bounced and expired recipients of the hours up to its end, in percent."""
    per = Per(rule.per)
    before = rule.window_hours * HOUR
    values = {
        "steps": list(steps),
        "since": min(steps) - before,
        "until": max(steps) + HOUR,
        "before": before,
        "mail": MessageKind.MAIL.value,
        "bounced": [Disposition.BOUNCED.value, Disposition.EXPIRED.value],
        "customer": rule.customer_id,
        "minimum": max(rule.minimum, 1),
    }
    rows = select(_SHARES.format(key=_KEYS[per]), values)
    names = _named(per, {row[1] for row in rows}, rule)
    for step, key, recipients, bounced in rows:
        if key in names:
            yield step, _reading(names[key], step - before, step + HOUR, recipients, bounced)


def _named(per: Per, keys: set[int], rule: AlertRule) -> dict[int, _Named]:
    if per is Per.NETWORK:
        networks = ClientNetwork.objects.select_related("customer").in_bulk(list(keys))
        return {pk: _network(found) for pk, found in networks.items()}
    if per is Per.CUSTOMER:
        return {pk: _customer(found) for pk, found in Customer.objects.in_bulk(list(keys)).items()}
    if rule.customer is not None:
        return {0: _customer(rule.customer)}
    return {0: _Named(Subject(SubjectKind.SITE, "site", ""), {})}


def _network(found: ClientNetwork) -> _Named:
    text = str(found.network)
    subject = Subject(SubjectKind.NETWORK, str(found.pk), f"{text} ({found.customer})")
    return _Named(subject, {"client_network": text})


def _customer(found: Customer) -> _Named:
    subject = Subject(SubjectKind.CUSTOMER, str(found.pk), str(found))
    return _Named(subject, {"customer": found.number})


def _reading(
    named: _Named, since: datetime, until: datetime, recipients: int, bounced: int
) -> Reading:
    evidence = search_path(since, until, kind="mail", disposition=BOUNCED, **named.filters)
    share = 100 * bounced / recipients
    return Reading(named.subject, share, recipients, since, until, evidence)
