"""Figures of a report: sums of its hours and days, and lists of days.

``networks`` None is the whole site. A customer's are the networks that the registry gives him
now; only mail that came from these is his.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from stats.models import Subject
from stats.reports.periods import Period
from stats.rollups import select
from stats.selectors.pieces import BEFORE, REST, Range, Table, query_of_ranges
from stats.selectors.tops import NetworkTopRow, TopRow, tops_of, tops_of_networks
from stats.spans import Span
from tracking.choices import Direction, Disposition, MessageKind

TOP = 10
BOUNCED = (Disposition.BOUNCED, Disposition.EXPIRED)
_KEYS = ("direction", "disposition", "quarantine_kind")
_SUMS = ("messages", "recipients", "bytes")
_SITE = Table("stats_relay", _KEYS, _SUMS)
_OWN = Table("stats_traffic", _KEYS, _SUMS, has_months=False, state="listed")
_BY_NETWORK = replace(_OWN, keys=("network_id", "disposition"))
_REJECTIONS = Table("stats_rejection", ("kind",), ("rejections",))
_OF_MAIL = "kind = %(mail)s"
_OF_NETWORKS = "network_id = ANY(%(networks)s::bigint[])"
_NETWORKS = """
SELECT host(n.network) || '/' || masklen(n.network), c.number || ' ' || c.name, found.*
FROM (
    SELECT network_id,
           coalesce(sum(messages) FILTER (WHERE moment <> {before}), 0)::bigint AS messages,
           coalesce(sum(recipients) FILTER (WHERE moment <> {before}), 0)::bigint,
           coalesce(sum(recipients) FILTER (
               WHERE moment <> {before} AND disposition = ANY(%(bounced)s)), 0)::bigint,
           coalesce(sum(messages) FILTER (WHERE moment = {before}), 0)::bigint
    FROM ({counted}) counted GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(top)s
) found
JOIN tracking_clientnetwork n ON n.id = found.network_id
JOIN tracking_customer c ON c.id = n.customer_id
ORDER BY found.messages DESC, found.network_id
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
    """An address or domain; ``is_least``: it was not on the list of every day."""

    name: str
    recipients: int
    bounced: int
    bytes: int
    is_least: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """A period of the whole site, or of some networks."""

    period: Period
    networks: tuple[int, ...] | None

    @property
    def ranges(self) -> list[Range]:
        """The period, and the one before it."""
        span, before = self.period.span, self.period.before.span
        return [(BEFORE, before.since, before.until), (REST, span.since, span.until)]

    @property
    def values(self) -> dict[str, Any]:
        span, before = self.period.span, self.period.before.span
        return {
            "since": span.since,
            "until": span.until,
            "before": before.since,
            "mail": MessageKind.MAIL.value,
            "networks": None if self.networks is None else list(self.networks),
            "bounced": [item.value for item in BOUNCED],
            "top": TOP,
        }


def mail_rows(scope: Scope) -> MailRows:
    if scope.networks is None:
        rows = _counted(scope, _SITE, f"{_OF_MAIL} AND relay_id IS NULL")
    else:
        rows = _counted(scope, _OWN, f"{_OF_MAIL} AND {_OF_NETWORKS}")
    return MailRows([MailRow(when != BEFORE, *row) for when, *row in rows])


def rejections(scope: Scope) -> list[Counted]:
    """The most frequent first."""
    found: dict[int, list[int]] = {}
    rows = _counted(scope, _REJECTIONS, "TRUE" if scope.networks is None else _OF_NETWORKS)
    for when, kind, count in rows:
        found.setdefault(kind, [0, 0])[when == BEFORE] += count
    counted = (Counted(kind, *pair) for kind, pair in found.items())
    return sorted(counted, key=lambda item: (-item.now, item.what))


def networks(scope: Scope) -> list[NetworkRow]:
    """The busiest first."""
    own = "network_id IS NOT NULL" if scope.networks is None else _OF_NETWORKS
    query, bounds = query_of_ranges(_BY_NETWORK, scope.ranges, f"{_OF_MAIL} AND {own}")
    sql = _NETWORKS.format(counted=query, before=BEFORE)
    return [NetworkRow(*row) for row in select(sql, scope.values | bounds)]


def _counted(scope: Scope, table: Table, condition: str) -> list[tuple[Any, ...]]:
    query, bounds = query_of_ranges(table, scope.ranges, condition)
    return select(query, scope.values | bounds)


def tops(scope: Scope, wanted: Mapping[Subject, Direction]) -> dict[Subject, list[Listed]]:
    """The first of each subject, of the site in its direction, or of the networks in all. Days are
    the site's."""
    first, last = scope.period.first, scope.period.last
    found: dict[Subject, list[Listed]] = {subject: [] for subject in wanted}
    rows: Iterable[TopRow | NetworkTopRow]
    if scope.networks is None:
        directions = sorted(set(wanted.values()))
        of_site = tops_of(Span.of_days(first, last), list(wanted), directions, TOP)
        rows = (row for row in of_site if row.direction == wanted[Subject(row.subject)])
    else:
        rows = tops_of_networks(scope.networks, first, last, list(wanted), TOP)
    for row in rows:
        listed = Listed(row.value, row.recipients, row.bounced, row.bytes, row.is_least)
        found[Subject(row.subject)].append(listed)
    return found
