"""The rollups of a day: sums of its hours, and lists that only the whole day can tell.

Lists need the facts of the day: they are made anew a few times an hour while it goes on, and once
more when it is over (stats.rollups.running).
"""

from __future__ import annotations

from dataclasses import dataclass

from stats.models import Subject
from stats.rollups.definition import BOUNCED, DEFERRED, IS_MAIL, SPAM, VIRUS, Rollup
from stats.rollups.hours import WITH_DAYS
from tracking.choices import Direction

TOP = 1000
TOP_OF_NETWORK = 20
TOP_DOMAINS = 500
TOP_BLOCKS = 1000

_SUMS = ("messages", "recipients", "bytes", "deferred", "bounced", "spam", "virus")
_VALUES = ("address_id", "domain_id", "client")


@dataclass(frozen=True, slots=True)
class _List:
    """``source``: the column of counted_mail. ``of_copy``: of one recipient's copy, whose bytes
    count for each."""

    subject: Subject
    source: str
    value: str
    of_copy: bool = False


_LISTS = (
    _List(Subject.SENDER, "sender_id", "address_id"),
    _List(Subject.RECIPIENT, "recipient_id", "address_id", of_copy=True),
    _List(Subject.LOGIN, "sasl_user_id", "address_id"),
    _List(Subject.CLIENT, "client_ip", "client"),
    _List(Subject.DOMAIN, "nullif(domain_id, 0)", "domain_id", of_copy=True),
)


def _figures(*, of_copy: bool = False) -> str:
    once = "" if of_copy else " FILTER (WHERE is_first)"
    return f"""
count(*) FILTER (WHERE is_first)::integer AS messages, count(*)::integer AS recipients,
coalesce(sum(size_bytes){once}, 0)::bigint AS bytes,
count(*) FILTER (WHERE {DEFERRED})::integer AS deferred,
count(*) FILTER (WHERE {BOUNCED})::integer AS bounced,
count(*) FILTER (WHERE {SPAM})::integer AS spam,
count(*) FILTER (WHERE {VIRUS})::integer AS virus
"""


_ADDED = ", ".join(f"sum({name})::{'bigint' if name == 'bytes' else 'integer'}" for name in _SUMS)


def _ranked(scope: str, item: _List, limit: int) -> str:
    """The first ``limit`` values of each ``scope`` (a column), and the others as rank 0."""
    kinds = {"address_id": "bigint", "domain_id": "bigint", "client": "inet"}
    values = ", ".join(
        f"CASE WHEN place <= {limit} THEN value ELSE NULL END::{kinds[name]}"
        if name == item.value
        else f"NULL::{kinds[name]}"
        for name in _VALUES
    )
    group = f"{scope}, CASE WHEN place <= {limit} THEN place ELSE 0 END"
    return f"""
SELECT %(day)s::date, {scope}, {item.subject.value}::smallint,
       (CASE WHEN place <= {limit} THEN place ELSE 0 END)::smallint, {values},
       count(*)::integer, {_ADDED}
FROM (
    SELECT *, row_number() OVER (PARTITION BY {scope} ORDER BY recipients DESC, value) AS place
    FROM (
        SELECT {scope}, {item.source} AS value, {_figures(of_copy=item.of_copy)}
        FROM counted_mail
        WHERE {IS_MAIL} AND {item.source} IS NOT NULL AND {scope} IS NOT NULL
        GROUP BY 1, 2
    ) counted
) ranked
GROUP BY {group}, CASE WHEN place <= {limit} THEN value END
"""


def _lists(scope: str, limit: int) -> str:
    return " UNION ALL ".join(f"({_ranked(scope, item, limit)})" for item in _LISTS)


_DOMAINS = f"""
SELECT %(day)s::date, direction, CASE WHEN place <= {TOP_DOMAINS} THEN domain_id END::bigint,
       CASE WHEN place <= {TOP_DOMAINS} THEN provider ELSE '' END, disposition,
       sum(recipients)::integer, sum(bytes)::bigint, sum(retried)::integer
FROM (
    SELECT *, dense_rank() OVER (PARTITION BY direction ORDER BY whole DESC, domain_id) AS place
    FROM (
        SELECT direction, domain_id, provider, disposition, count(*) AS recipients,
               sum(size_bytes) AS bytes, count(*) FILTER (WHERE is_retried) AS retried,
               sum(count(*)) OVER (PARTITION BY direction, domain_id) AS whole
        FROM counted_mail JOIN counted_provider USING (relay_name_id, domain_id)
        WHERE {IS_MAIL} GROUP BY direction, domain_id, provider, disposition
    ) counted
) placed
GROUP BY 2, 3, 4, 5
"""
_NETWORKS = f"""
SELECT %(day)s::date, network_id::bigint, direction, {_figures()},
       count(DISTINCT sender_id)::integer, count(DISTINCT client_ip)::integer
FROM counted_mail WHERE {IS_MAIL}
GROUP BY network_id, direction
"""
_BLOCK = "network(set_masklen(client_ip, CASE family(client_ip) WHEN 4 THEN 24 ELSE 64 END))"
_FROM_NOBODY = (
    f"{IS_MAIL} AND network_id IS NULL AND client_ip IS NOT NULL "
    f"AND direction = {Direction.OUTBOUND.value}"
)
_BLOCKS = f"""
SELECT %(day)s::date, (CASE WHEN place <= {TOP_BLOCKS} THEN place ELSE 0 END)::smallint,
       CASE WHEN place <= {TOP_BLOCKS} THEN b.block END::cidr, {_figures()},
       count(DISTINCT sender_id)::integer, count(DISTINCT client_ip)::integer
FROM (SELECT *, {_BLOCK} AS block FROM counted_mail WHERE {_FROM_NOBODY}) c
JOIN (
    SELECT {_BLOCK} AS block, row_number() OVER (ORDER BY count(*) DESC, {_BLOCK}) AS place
    FROM counted_mail WHERE {_FROM_NOBODY} GROUP BY 1
) b ON b.block = c.block
GROUP BY 2, 3
"""

_TRAFFIC = """
SELECT %(day)s::date, network_id, direction, kind, disposition, quarantine_kind,
       sum(messages)::integer, sum(recipients)::integer, sum(bytes)::bigint
FROM stats_traffichour WHERE hour >= %(since)s AND hour < %(until)s
GROUP BY 2, 3, 4, 5, 6
"""

TOP_LISTS = Rollup(
    "stats_topday",
    ("direction", "subject", "rank", *_VALUES, "value_count"),
    _SUMS,
    _lists("direction", TOP),
    time="day",
)
TOP_OF_NETWORKS = Rollup(
    "stats_networktopday",
    ("network_id", "subject", "rank", *_VALUES, "value_count"),
    _SUMS,
    _lists("network_id", TOP_OF_NETWORK),
    time="day",
)
DOMAINS = Rollup(
    "stats_domainday",
    ("direction", "domain_id", "provider", "disposition"),
    ("recipients", "bytes", "retried"),
    _DOMAINS,
    time="day",
)
NETWORKS = Rollup(
    "stats_networkday",
    ("network_id", "direction"),
    (*_SUMS, "senders", "clients"),
    _NETWORKS,
    time="day",
)
BLOCKS = Rollup(
    "stats_blockday", ("rank", "block"), (*_SUMS, "senders", "clients"), _BLOCKS, time="day"
)

TRAFFIC_OF_DAYS = Rollup(
    "stats_trafficday",
    ("network_id", "direction", "kind", "disposition", "quarantine_kind"),
    ("messages", "recipients", "bytes"),
    _TRAFFIC,
    time="day",
)

SUMS = tuple(rollup.by_day() for rollup in WITH_DAYS)
LISTS = (TOP_LISTS, TOP_OF_NETWORKS, DOMAINS, NETWORKS, BLOCKS)
# Sums of hours that are made with the lists, for they are as large.
LISTED_SUMS = (TRAFFIC_OF_DAYS,)
