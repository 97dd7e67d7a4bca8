"""Figures of a report: rollups of hours, and lists of days. Each is one query.

``networks`` None is the whole site. A customer's are the networks that the registry gives him
now; only mail that came from these is his.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from stats.models import Subject
from stats.reports.periods import Period
from stats.rollups import select
from tracking.choices import Direction, Disposition, MessageKind

TOP = 10
BOUNCED = (Disposition.BOUNCED, Disposition.EXPIRED)
_TIME = "hour >= %(before)s AND hour < %(until)s"
_OWN = "(%(networks)s::bigint[] IS NULL OR network_id = ANY(%(networks)s::bigint[]))"
_MAIL = f"""
SELECT hour >= %(since)s, direction, disposition, quarantine_kind,
       sum(messages)::bigint, sum(recipients)::bigint, sum(bytes)::bigint
FROM stats_traffichour WHERE {_TIME} AND kind = %(mail)s AND {_OWN}
GROUP BY 1, 2, 3, 4
"""
_REJECTIONS = f"""
SELECT kind, coalesce(sum(rejections) FILTER (WHERE hour >= %(since)s), 0)::bigint,
       coalesce(sum(rejections) FILTER (WHERE hour < %(since)s), 0)::bigint
FROM stats_rejectionhour WHERE {_TIME} AND {_OWN}
GROUP BY 1 ORDER BY 2 DESC, 1
"""
_NETWORKS = f"""
SELECT host(n.network) || '/' || masklen(n.network), c.number || ' ' || c.name, found.*
FROM (
    SELECT network_id,
           coalesce(sum(messages) FILTER (WHERE hour >= %(since)s), 0)::bigint AS messages,
           coalesce(sum(recipients) FILTER (WHERE hour >= %(since)s), 0)::bigint,
           coalesce(sum(recipients) FILTER (
               WHERE hour >= %(since)s AND disposition = ANY(%(bounced)s)), 0)::bigint,
           coalesce(sum(messages) FILTER (WHERE hour < %(since)s), 0)::bigint
    FROM stats_traffichour
    WHERE {_TIME} AND kind = %(mail)s AND network_id IS NOT NULL AND {_OWN}
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(top)s
) found
JOIN tracking_clientnetwork n ON n.id = found.network_id
JOIN tracking_customer c ON c.id = n.customer_id
ORDER BY found.messages DESC, found.network_id
"""
_LISTS = """
SELECT coalesce(a.address, d.name), sum(t.recipients)::bigint AS recipients,
       sum(t.bounced)::bigint, sum(t.bytes)::bigint
FROM {table} t LEFT JOIN tracking_address a ON a.id = t.address_id
LEFT JOIN tracking_domain d ON d.id = t.domain_id
WHERE t.day >= %(first)s AND t.day <= %(last)s AND t.subject = %(subject)s AND t.rank > 0
  AND {scope}
GROUP BY 1 ORDER BY recipients DESC, 1 LIMIT %(top)s
"""


class Pair(NamedTuple):
    """A figure of the period, and of the one before."""

    now: int
    before: int


class MailRow(NamedTuple):
    """Sums of TrafficHour, of mail of kind mail."""

    is_now: bool
    direction: int
    disposition: int
    quarantine_kind: int
    messages: int
    recipients: int
    bytes: int


@dataclass(frozen=True, slots=True)
class MailRows:
    """What became of mail, in both periods."""

    rows: list[MailRow]

    def sums(self, measure: str, **wanted: Any) -> Pair:
        """Of rows with these values; a tuple is one of several."""
        found = {True: 0, False: 0}
        for row in self.rows:
            if all(_fits(getattr(row, name), value) for name, value in wanted.items()):
                found[row.is_now] += getattr(row, measure)
        return Pair(found[True], found[False])


def _fits(value: int, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, tuple) else value == wanted


class NetworkRow(NamedTuple):
    network: str
    customer: str
    network_id: int
    messages: int
    recipients: int
    bounced: int
    messages_before: int


class Counted(NamedTuple):
    """A rejection kind."""

    what: Any
    now: int
    before: int


class Listed(NamedTuple):
    """An address or domain; at least so many recipients when it was not on every day's list."""

    name: str
    recipients: int
    bounced: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Scope:
    """A period of the whole site, or of some networks."""

    period: Period
    networks: tuple[int, ...] | None

    @property
    def values(self) -> dict[str, Any]:
        span, before = self.period.span, self.period.before.span
        times: dict[str, datetime] = {
            "since": span.since, "until": span.until, "before": before.since,
        }  # fmt: skip
        return {
            **times,
            "mail": MessageKind.MAIL.value,
            "networks": None if self.networks is None else list(self.networks),
            "bounced": [item.value for item in BOUNCED],
            "top": TOP,
        }


def mail_rows(scope: Scope) -> MailRows:
    return MailRows([MailRow(*row) for row in select(_MAIL, scope.values)])


def rejections(scope: Scope) -> list[Counted]:
    return [Counted(*row) for row in select(_REJECTIONS, scope.values)]


def networks(scope: Scope) -> list[NetworkRow]:
    """The busiest first."""
    return [NetworkRow(*row) for row in select(_NETWORKS, scope.values)]


def top(scope: Scope, subject: Subject, direction: Direction) -> list[Listed]:
    """The first of the site in a direction, or of the networks in all. Days are the site's."""
    values = {
        **scope.values,
        "first": scope.period.first,
        "last": scope.period.last,
        "subject": subject.value,
        "direction": direction.value,
    }
    if scope.networks is None:
        sql = _LISTS.format(table="stats_topday", scope="t.direction = %(direction)s")
    else:
        own = "t.network_id = ANY(%(networks)s::bigint[])"
        sql = _LISTS.format(table="stats_networktopday", scope=own)
    return [Listed(*row) for row in select(sql, values)]
