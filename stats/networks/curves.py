"""Small curves beside rows: mails by day, or by month of a long range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from stats.days import ONE_DAY
from stats.networks.table import By
from stats.rollups import select
from stats.spans import Span

WIDTH, HEIGHT = 96, 24
SHORTEST = timedelta(days=14)  # a shorter range shows the days up to its end
LONGEST_BY_DAY = timedelta(days=92)
_BY_DAY = """
SELECT w.{owner}, n.day, sum(n.messages)::bigint
FROM stats_networkday n JOIN tracking_clientnetwork w ON w.id = n.network_id
WHERE w.{owner} = ANY(%(ids)s) AND n.network_id = ANY(%(networks)s)
  AND n.day >= %(first)s AND n.day <= %(last)s
GROUP BY 1, 2
"""
# What a month came to on its newest day.
_BY_MONTH = """
SELECT w.{owner}, date_trunc('month', n.day)::date, sum(n.messages)::bigint
FROM stats_networkrun n JOIN tracking_clientnetwork w ON w.id = n.network_id
WHERE w.{owner} = ANY(%(ids)s) AND n.network_id = ANY(%(networks)s) AND n.day = ANY(ARRAY(
    SELECT (SELECT max(r.day) FROM stats_networkrun r
            WHERE r.day >= m AND r.day < m + interval '1 month' AND r.day <= %(last)s)
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 month') m
))
GROUP BY 1, 2
"""
_OWNERS = {By.NETWORK: "id", By.CUSTOMER: "customer_id"}
_NETWORKS = "SELECT id FROM tracking_clientnetwork WHERE {owner} = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Curve:
    """``points`` of a polyline in a box of WIDTH × HEIGHT."""

    values: list[int]
    is_by_month: bool

    @property
    def points(self) -> str:
        most = max(self.values, default=0) or 1
        step = WIDTH / max(len(self.values) - 1, 1)
        return " ".join(
            f"{place * step:.1f},{HEIGHT - 1 - (HEIGHT - 2) * value / most:.1f}"
            for place, value in enumerate(self.values)
        )

    @property
    def most(self) -> int:
        return max(self.values, default=0)


def curves(ids: list[int], by: By, span: Span) -> dict[int, Curve]:
    """The curves of networks, or of customers, by id; two queries."""
    last = span.last.on
    first = min(span.first.on, last - SHORTEST + ONE_DAY)
    is_by_month = last - first >= LONGEST_BY_DAY
    days = _months(first, last) if is_by_month else _days(first, last)
    places = {day: place for place, day in enumerate(days)}
    found = {item: [0] * len(days) for item in ids}
    owner = _OWNERS[by]
    networks = [row[0] for row in select(_NETWORKS.format(owner=owner), [ids])]
    bounds = {"ids": ids, "networks": networks, "first": days[0], "last": last}
    sql = (_BY_MONTH if is_by_month else _BY_DAY).format(owner=owner)
    for item, day, messages in select(sql, bounds):
        found[item][places[day]] += messages
    return {item: Curve(values, is_by_month) for item, values in found.items()}


def _days(first: date, last: date) -> list[date]:
    return [first + number * ONE_DAY for number in range((last - first).days + 1)]


def _months(first: date, last: date) -> list[date]:
    found = [first.replace(day=1)]
    while (after := (found[-1] + timedelta(days=31)).replace(day=1)) <= last:
        found.append(after)
    return found
