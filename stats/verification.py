"""Compares rollups with the facts they were made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stats.rollups import ROLLUPS, Rollup, parameters, select

# One statement sees one moment: an hour that is marked in it is known to be behind.
_DIFFERENCES = """
WITH facts AS ({facts}),
     kept AS (SELECT {columns} FROM {table} WHERE hour = %(hour)s),
     missing AS (SELECT * FROM facts EXCEPT SELECT * FROM kept),
     wrong AS (SELECT * FROM kept EXCEPT SELECT * FROM facts)
SELECT * FROM (SELECT 'facts', * FROM missing UNION ALL SELECT 'rollup', * FROM wrong) found
WHERE NOT EXISTS (SELECT 1 FROM tracking_dirtyhour WHERE hour = %(hour)s)
"""
_HOURS = """
SELECT hour FROM stats_traffichour UNION SELECT hour FROM stats_relayhour
UNION SELECT hour FROM stats_rejectionhour UNION SELECT hour FROM stats_sitehour
UNION SELECT date_trunc('hour', received_at, 'UTC') FROM tracking_message
UNION SELECT date_trunc('hour', received_at, 'UTC') FROM tracking_rejection
ORDER BY 1
"""
_OLDEST = """
SELECT date_trunc('hour', least((SELECT min(received_at) FROM tracking_delivery),
                                (SELECT min(received_at) FROM tracking_rejection)), 'UTC')
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that only one of the two has: ``side`` is "facts" or "rollup"."""

    table: str
    side: str
    row: dict[str, Any]

    def __str__(self) -> str:
        words = " ".join(f"{name}={value}" for name, value in self.row.items() if name != "hour")
        return f"{self.row['hour']:%Y-%m-%dT%H:%MZ} {self.table} only in {self.side}: {words}"


def known_hours() -> list[datetime]:
    """Every hour that has facts or rollups, oldest first; reads all facts."""
    return [row[0] for row in select(_HOURS)]


def oldest_fact_hour() -> datetime | None:
    """Rollups outlive facts: what is older can't be compared."""
    hour: datetime | None = select(_OLDEST)[0][0]
    return hour


def differences(hour: datetime) -> Iterator[Difference]:
    """What is not alike in one hour; nothing for an hour that waits to be made anew."""
    for rollup in ROLLUPS:
        for side, *values in select(_query(rollup), parameters(hour)):
            row = dict(zip(rollup.columns, values, strict=True))
            yield Difference(rollup.table, side, row)


def _query(rollup: Rollup) -> str:
    return _DIFFERENCES.format(facts=rollup.facts, columns=rollup.column_list, table=rollup.table)
