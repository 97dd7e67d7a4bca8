"""Sums of networks, or of their customers, over days: one query whatever the range.

Whole months that are over are read from NetworkMonth, the days beside them from NetworkDay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from stats.days import ONE_DAY, Day
from stats.rollups import select
from stats.spans import Span
from tracking.one_box import as_network
from tracking.selectors.conditions import like
from tracking.selectors.lookups import unquoted

PAGE_SIZE = 50


class By(StrEnum):
    NETWORK = "network"
    CUSTOMER = "customer"


# What can be sorted by, as SQL over the columns of _ROWS. Names of URLs.
COLUMNS = {
    "network": "network",
    "customer": "name",
    "service_class": "service_class",
    "messages": "messages",
    "recipients": "recipients",
    "bytes": "bytes",
    "bounced": "bounced::float / nullif(recipients, 0)",
    "deferred": "deferred::float / nullif(recipients, 0)",
    "spam": "spam::float / nullif(recipients, 0)",
    "virus": "virus::float / nullif(recipients, 0)",
    "senders": "senders",
    "change": "(compared - usual) / nullif(usual, 0)",
}
_SUMS = ("messages", "recipients", "bytes", "deferred", "bounced", "spam", "virus")
_ADDED = ", ".join(f"sum({name})::bigint AS {name}" for name in _SUMS)
_COUNTED = f"""
SELECT network_id, {_ADDED}, max(senders) AS senders, sum(compared)::bigint AS compared,
       sum(usual) AS usual
FROM (
    SELECT network_id, {", ".join(_SUMS)}, senders,
           CASE WHEN day < %(today)s THEN messages ELSE 0 END AS compared, 0 AS usual
    FROM stats_networkday WHERE {{days}} {{only}}
    UNION ALL
    SELECT network_id, {", ".join(_SUMS)}, senders, messages, usual
    FROM stats_networkmonth WHERE day = ANY(%(months)s) {{only}}
    UNION ALL
    SELECT network_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, usual
    FROM stats_networkusual WHERE {{days}} AND day < %(today)s {{only}}
) counted
GROUP BY network_id
"""
_ZEROES = ", ".join(f"coalesce({name}, 0) AS {name}" for name in (*_SUMS, "senders", "compared"))
_BY_NETWORK = f"""
SELECT w.id, w.network, c.number, c.name, c.service_class, 1 AS networks, {_ZEROES},
       coalesce(usual, 0) AS usual
FROM tracking_clientnetwork w
JOIN tracking_customer c ON c.id = w.customer_id
LEFT JOIN counted n ON n.network_id = w.id
WHERE {{where}}
"""
_BY_CUSTOMER = f"""
SELECT c.id, NULL::cidr AS network, c.number, c.name, c.service_class, count(w.id) AS networks,
       {", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in (*_SUMS, "senders"))},
       coalesce(sum(compared), 0)::bigint AS compared, coalesce(sum(usual), 0) AS usual
FROM tracking_customer c
LEFT JOIN tracking_clientnetwork w ON w.customer_id = c.id
LEFT JOIN counted n ON n.network_id = w.id
WHERE {{where}}
GROUP BY c.id
"""
_PAGE = """
WITH counted AS ({counted}), rows AS ({rows})
SELECT *, count(*) OVER () FROM rows ORDER BY {order} NULLS LAST, number, network
LIMIT %(limit)s OFFSET %(offset)s
"""
_NOBODY = """
WITH counted AS ({counted})
SELECT coalesce(sum(messages), 0)::bigint, coalesce(sum(recipients), 0)::bigint
FROM counted n WHERE NOT EXISTS (SELECT 1 FROM tracking_clientnetwork w WHERE w.id = n.network_id)
"""
_LARGEST = 1_000_000


class Row(NamedTuple):
    """Sums of a network, or of a customer (``network`` None, ``id`` the customer's).

    ``senders``: distinct ones, on the day that had the most (of customers: added up).
    ``compared``: mails of days that are over, to be set against ``usual``.
    """

    id: int
    network: str | None
    number: str
    name: str
    service_class: str
    networks: int
    messages: int
    recipients: int
    bytes: int
    deferred: int
    bounced: int
    spam: int
    virus: int
    senders: int
    compared: int
    usual: float


class Unregistered(NamedTuple):
    """What clients in no registered network sent, in any direction."""

    messages: int
    recipients: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Whole days, filters and an order."""

    span: Span
    by: By = By.NETWORK
    text: str = ""
    service_class: str = ""
    sort: str = "-messages"
    network_id: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows, and how many rows there are."""

    rows: list[Row]
    count: int


def find_rows(asked: Asked, page: int = 1, size: int = PAGE_SIZE) -> Found:
    """One page; past the last one there are no rows, and the count is 0."""
    rows = _BY_NETWORK if asked.by is By.NETWORK else _BY_CUSTOMER
    where, values = _conditions(asked)
    counted, bounds = counted_days(asked.span, asked.network_id)
    column = COLUMNS[asked.sort.removeprefix("-")]
    order = f"{column} {'DESC' if asked.sort.startswith('-') else 'ASC'}"
    sql = _PAGE.format(counted=counted, rows=rows.format(where=where), order=order)
    bounds |= values | {"limit": size, "offset": (page - 1) * size}
    found = select(sql, bounds)
    return Found([Row(*row[:-1]) for row in found], found[0][-1] if found else 0)


def all_rows(asked: Asked) -> list[Row]:
    """Every row, for a file: as many as the registry has."""
    return find_rows(asked, 1, _LARGEST).rows


def unregistered(span: Span) -> Unregistered:
    """Those of networks that were registered once are nobody's, too."""
    counted, bounds = counted_days(span)
    return Unregistered(*select(_NOBODY.format(counted=counted), bounds)[0])


def counted_days(span: Span, network: int | None = None) -> tuple[str, dict[str, Any]]:
    """The SQL of the sums by network (or of one) of whole days, and its values."""
    today = Day.today().on
    months, rest = _months(span.first.on, span.last.on, today)
    days = " OR ".join(
        f"(day >= %(since{place})s AND day <= %(until{place})s)" for place in range(len(rest))
    )
    bounds: dict[str, Any] = {"today": today, "months": months, "network_id": network}
    for place, (first, last) in enumerate(rest):
        bounds |= {f"since{place}": first, f"until{place}": last}
    only = "" if network is None else "AND network_id = %(network_id)s"
    return _COUNTED.format(days=f"({days or 'false'})", only=only), bounds


def _months(first: date, last: date, today: date) -> tuple[list[date], list[tuple[date, date]]]:
    """The first days of the months that are whole and over, and the days beside them."""
    months = []
    begin = first if first.day == 1 else _next_month(first)
    end = begin
    while _next_month(end) - ONE_DAY <= last and _next_month(end) <= today:
        months.append(end)
        end = _next_month(end)
    if not months:
        return [], [(first, last)]
    beside = [(first, begin - ONE_DAY), (end, last)]
    return months, [(since, until) for since, until in beside if since <= until]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _conditions(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Of the registry: text is part of a name or number, a number in quotes, or a network (around
    one that is registered, or in it)."""
    found: list[str] = ["true"]
    values: dict[str, Any] = {}
    if asked.network_id is not None:
        found.append("w.id = %(network_id)s")
    if asked.service_class:
        found.append("c.service_class = %(service_class)s")
        values["service_class"] = asked.service_class
    if asked.text:
        found.append(_of_text(asked.text, values))
    return " AND ".join(found), values


def _of_text(text: str, values: dict[str, Any]) -> str:
    network, number = as_network(text), unquoted(text)
    if network is not None:
        values["network"] = network
        return "w.network && %(network)s::inet"
    if number is not None:
        values["number"] = number
        return "c.number = %(number)s"
    values["like"] = f"%{like(text)}%"
    return "(c.number ILIKE %(like)s OR c.name ILIKE %(like)s)"
