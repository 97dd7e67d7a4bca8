"""NetworkUsual and NetworkMonth, made of NetworkDay after the lists of a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

WEEKS = 4

# Days that were not counted tell nothing; a network without mail on one that was sent nothing.
_USUAL = """
INSERT INTO stats_networkusual (day, network_id, usual)
SELECT day, network_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY messages)
FROM (
    SELECT d.day, w.network_id, b.before, coalesce(sum(n.messages), 0) AS messages
    FROM unnest(%(days)s::date[]) AS d (day)
    CROSS JOIN LATERAL (
        SELECT s.day AS before FROM stats_daystate s
        WHERE s.day = ANY(ARRAY[d.day - 7, d.day - 14, d.day - 21, d.day - 28])
    ) b
    CROSS JOIN LATERAL (
        SELECT DISTINCT network_id FROM stats_networkday
        WHERE day = ANY(ARRAY[d.day - 7, d.day - 14, d.day - 21, d.day - 28])
          AND network_id IS NOT NULL
    ) w
    LEFT JOIN stats_networkday n ON n.day = b.before AND n.network_id = w.network_id
    GROUP BY d.day, w.network_id, b.before
) counted
GROUP BY day, network_id
HAVING percentile_cont(0.5) WITHIN GROUP (ORDER BY messages) > 0
"""
_MONTH = """
INSERT INTO stats_networkmonth (day, network_id, messages, recipients, bytes, deferred, bounced,
                                spam, virus, senders, usual)
SELECT %(first)s::date, network_id, sum(messages), sum(recipients), sum(bytes), sum(deferred),
       sum(bounced), sum(spam), sum(virus), max(senders), sum(usual)
FROM (
    SELECT network_id, messages, recipients, bytes, deferred, bounced, spam, virus, senders,
           0 AS usual
    FROM stats_networkday WHERE day >= %(first)s AND day < %(next)s
    UNION ALL
    SELECT network_id, 0, 0, 0, 0, 0, 0, 0, 0, usual
    FROM stats_networkusual WHERE day >= %(first)s AND day < %(next)s
) counted
GROUP BY network_id
"""


def derive(cursor: Any, day: date) -> None:
    """After NetworkDay of a day was made anew: what it is usual for, and the months of these."""
    later = [day + timedelta(weeks=weeks) for weeks in range(WEEKS + 1)]
    cursor.execute("SELECT day FROM stats_daystate WHERE day = ANY(%s)", [later])
    days = [row[0] for row in cursor.fetchall()]
    cursor.execute("DELETE FROM stats_networkusual WHERE day = ANY(%s)", [days])
    cursor.execute(_USUAL, {"days": days})
    for first in sorted({item.replace(day=1) for item in days}):
        derive_month(cursor, first)


def derive_month(cursor: Any, first: date) -> None:
    """The sums of a month."""
    after = (first + timedelta(days=31)).replace(day=1)
    cursor.execute("DELETE FROM stats_networkmonth WHERE day = %s", [first])
    cursor.execute(_MONTH, {"first": first, "next": after})
