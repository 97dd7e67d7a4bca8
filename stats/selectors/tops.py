"""Who and what stood at the top of a span, from the lists of its days.

Lists are of whole days: those that the span touches. Of many days only the first places of each
are read; a sum that may lack something says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from stats.days import ONE_DAY
from stats.models import Subject
from stats.rollups import select
from stats.rollups.days import TOP_OF_NETWORK
from stats.spans import Span
from tracking.choices import Direction

# The same of the lists of some networks, in all directions.
_TOPS_OF_NETWORKS = """
WITH listed AS (
    SELECT network_id, day, subject, rank, address_id, domain_id, client, recipients, bounced, bytes
    FROM stats_networktopday
    WHERE network_id = ANY(%(networks)s) AND day >= %(first)s AND day <= %(last)s
      AND subject = ANY(%(subjects)s) AND rank BETWEEN 0 AND %(places)s
), cut AS (
    SELECT DISTINCT network_id, day, subject FROM listed WHERE rank IN (0, %(places)s)
), cuts AS (
    SELECT subject, count(*) AS lists FROM cut GROUP BY subject
), summed AS (
    SELECT subject, address_id, domain_id, client, sum(recipients)::bigint AS recipients,
           sum(bounced)::bigint AS bounced, sum(bytes)::bigint AS bytes, count(c.day) AS cut_lists
    FROM listed LEFT JOIN cut c USING (network_id, day, subject)
    WHERE rank > 0
    GROUP BY subject, address_id, domain_id, client
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY subject ORDER BY recipients DESC, address_id, domain_id, client) AS place
    FROM summed
)
SELECT r.subject, coalesce(a.address, n.name, host(r.client), ''), r.recipients, r.bounced, r.bytes,
       r.cut_lists < coalesce(cuts.lists, 0)
FROM ranked r
LEFT JOIN cuts USING (subject)
LEFT JOIN tracking_address a ON a.id = r.address_id
LEFT JOIN tracking_domain n ON n.id = r.domain_id
WHERE r.place <= %(limit)s
ORDER BY r.subject, r.place
"""
# Places of the list of a day, and how many of them are read of all days together.
_PLACES, _READ, _LEAST_PLACES = 1000, 20_000, 15
_READ_OF_NETWORKS = 8_000
_TOPS = """
WITH listed AS (
    SELECT day, direction, subject, rank, address_id, domain_id, messages, recipients, bytes,
           deferred, bounced, spam, virus
    FROM stats_topday
    WHERE day = ANY(%(days)s) AND direction = ANY(%(directions)s) AND subject = ANY(%(subjects)s)
      AND rank BETWEEN 0 AND %(places)s
), cut AS (
    SELECT DISTINCT day, direction, subject FROM listed WHERE rank IN (0, %(places)s)
), cuts AS (
    SELECT direction, subject, count(*) AS days FROM cut GROUP BY direction, subject
), summed AS (
    SELECT direction, subject, address_id, domain_id, sum(messages)::bigint AS messages,
           sum(recipients)::bigint AS recipients, sum(bytes)::bigint AS bytes,
           sum(deferred)::bigint AS deferred, sum(bounced)::bigint AS bounced,
           sum(spam)::bigint AS spam, sum(virus)::bigint AS virus, count(c.day) AS cut_days
    FROM listed LEFT JOIN cut c USING (day, direction, subject)
    WHERE rank > 0
    GROUP BY direction, subject, address_id, domain_id
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY direction, subject ORDER BY recipients DESC, address_id, domain_id) AS place
    FROM summed
)
SELECT r.direction, r.subject, coalesce(a.address, n.name, ''), r.messages, r.recipients, r.bytes,
       r.deferred, r.bounced, r.spam, r.virus, r.cut_days < coalesce(cuts.days, 0)
FROM ranked r
LEFT JOIN cuts USING (direction, subject)
LEFT JOIN tracking_address a ON a.id = r.address_id
LEFT JOIN tracking_domain n ON n.id = r.domain_id
WHERE r.place <= %(limit)s
ORDER BY r.direction, r.subject, r.place
"""


class TopRow(NamedTuple):
    """A sender, recipient or domain. ``is_least``: there may be more, below the lists' end."""

    direction: int
    subject: int
    value: str
    messages: int
    recipients: int
    bytes: int
    deferred: int
    bounced: int
    spam: int
    virus: int
    is_least: bool


def days_of(span: Span) -> Span:
    """The whole days that a span touches."""
    return Span.of_days(span.first.on, span.last.on)


def tops_of(
    span: Span, subjects: Sequence[Subject], directions: Sequence[Direction], limit: int
) -> list[TopRow]:
    """The first ``limit`` of each subject and direction, by recipients."""
    count = (span.last.on - span.first.on).days + 1
    lists = count * len(subjects) * len(directions)
    values = {
        "days": [span.first.on + number * ONE_DAY for number in range(count)],
        "directions": [item.value for item in directions],
        "subjects": [item.value for item in subjects],
        "places": min(_PLACES, max(_LEAST_PLACES, limit, _READ // lists)),
        "limit": limit,
    }
    return [TopRow(*row) for row in select(_TOPS, values)]


class NetworkTopRow(NamedTuple):
    """A value of a network's lists; ``is_least`` as above."""

    subject: int
    value: str
    recipients: int
    bounced: int
    bytes: int
    is_least: bool


def tops_of_networks(
    networks: Sequence[int], first: date, last: date, subjects: Sequence[Subject], limit: int
) -> list[NetworkTopRow]:
    """The first ``limit`` of each subject, by recipients; days are the site's."""
    lists = ((last - first).days + 1) * len(subjects) * max(len(networks), 1)
    values = {
        "networks": list(networks),
        "first": first,
        "last": last,
        "subjects": [item.value for item in subjects],
        "places": min(TOP_OF_NETWORK, max(limit, _READ_OF_NETWORKS // lists)),
        "limit": limit,
    }
    return [NetworkTopRow(*row) for row in select(_TOPS_OF_NETWORKS, values)]
