"""Sums of networks, or of their customers, over days: as many rows are read for any range."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from stats.days import ONE_DAY, Day
from stats.rollups import select
from stats.rollups.networks import SUMS
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
_SUMS = ", ".join(f"sum(sign * {name})::bigint AS {name}" for name in SUMS)
# Running sums at the end of the range less those before it, from the beginning of the month and
# of all months before; the same at the end of the days that are over, to be compared.
_COUNTED = f"""
SELECT network_id, {_SUMS}, sum(over * messages)::bigint AS compared, sum(over * usual) AS usual
FROM (
    SELECT r.*, p.sign, p.over
    FROM unnest(%(days)s::date[], %(signs)s::integer[], %(overs)s::integer[]) p (day, sign, over)
    JOIN stats_networkrun r ON r.day = p.day {{only}}
    UNION ALL
    SELECT r.*, p.sign, p.over
    FROM unnest(%(months)s::date[], %(signs)s::integer[], %(overs)s::integer[]) p (day, sign, over)
    JOIN stats_networktotal r ON r.day = p.day {{only}}
) added
GROUP BY network_id
"""
_ZEROES = ", ".join(f"coalesce({name}, 0) AS {name}" for name in (*SUMS, "compared"))
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
       {", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in SUMS)},
       coalesce(sum(compared), 0)::bigint AS compared, coalesce(sum(usual), 0) AS usual
FROM tracking_customer c
LEFT JOIN tracking_clientnetwork w ON w.customer_id = c.id
LEFT JOIN counted n ON n.network_id = w.id
WHERE {{where}}
GROUP BY c.id
"""
# Beside the page: what networks sent that no registered one is.
_PAGE = """
WITH counted AS MATERIALIZED ({counted}), rows AS ({rows}), nobody AS (
    SELECT coalesce(sum(n.messages), 0)::bigint AS messages,
           coalesce(sum(n.recipients), 0)::bigint AS recipients
    FROM counted n LEFT JOIN tracking_clientnetwork w ON w.id = n.network_id WHERE w.id IS NULL
), page AS (
    SELECT *, count(*) OVER () AS count FROM rows ORDER BY {order} NULLS LAST, number, network
    LIMIT %(limit)s OFFSET %(offset)s
)
SELECT nobody.*, page.* FROM nobody LEFT JOIN page ON true
"""
# Of days before the first that is kept there is nothing, though later sums began before it.
_NEWEST = """
SELECT p.day,
       (SELECT max(day) FROM stats_networkrun
        WHERE day <= p.at AND day >= date_trunc('month', p.at)::date),
       (SELECT max(day) FROM stats_networktotal WHERE day < date_trunc('month', p.at)::date)
FROM (
    SELECT day, greatest(day, (SELECT min(day) - 1 FROM stats_daystate)) AS at
    FROM unnest(%s::date[]) day
) p
"""
_LARGEST = 1_000_000


class Row(NamedTuple):
    """Sums of a network, or of a customer (``network`` None, ``id`` the customer's).

    ``senders``: distinct ones of each day, added up.
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
    """A page of rows, how many rows there are, and what belongs to none."""

    rows: list[Row]
    count: int
    nobody: Unregistered


def find_rows(asked: Asked, page: int = 1, size: int = PAGE_SIZE) -> Found:
    """One page; past the last one there are no rows, and the count is 0."""
    rows = _BY_NETWORK if asked.by is By.NETWORK else _BY_CUSTOMER
    where, values = _conditions(asked)
    only = "" if asked.network_id is None else "AND r.network_id = %(network_id)s"
    counted = _COUNTED.format(only=only)
    bounds = _points(asked.span) | {"network_id": asked.network_id}
    column = COLUMNS[asked.sort.removeprefix("-")]
    order = f"{column} {'DESC' if asked.sort.startswith('-') else 'ASC'}"
    sql = _PAGE.format(counted=counted, rows=rows.format(where=where), order=order)
    bounds |= values | {"limit": size, "offset": (page - 1) * size}
    found = select(sql, bounds)
    page_rows = [Row(*row[2:-1]) for row in found if row[2] is not None]
    return Found(page_rows, found[0][-1] or 0, Unregistered(*found[0][:2]))


def all_rows(asked: Asked) -> list[Row]:
    """Every row, for a file: as many as the registry has."""
    return find_rows(asked, 1, _LARGEST).rows


def _points(span: Span) -> dict[str, Any]:
    """The days whose running sums make the sums of a range: its last, and the one before it."""
    last, before = span.last.on, span.first.on - ONE_DAY
    over = max(min(last, Day.today().on - ONE_DAY), before)
    newest = {day: (run, total) for day, run, total in select(_NEWEST, [[last, before, over]])}
    points = [(last, 1, 0), (before, -1, -1), (over, 0, 1)]
    return {
        "days": [newest[day][0] for day, _sign, _over in points],
        "months": [newest[day][1] for day, _sign, _over in points],
        "signs": [sign for _day, sign, _over in points],
        "overs": [over for _day, _sign, over in points],
    }


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
