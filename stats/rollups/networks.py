"""NetworkUsual, NetworkRun and NetworkTotal, made of NetworkDay after the lists of a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from stats.rollups.definition import next_month

WEEKS = 4
_AT_ONCE = 31  # days, so that memory stays bounded
SUMS = ("messages", "recipients", "bytes", "deferred", "bounced", "spam", "virus", "senders")
_NAMES = ", ".join(SUMS)

# Days that were not counted tell nothing; a network without mail on one that was sent nothing.
_USUAL = """
WITH before AS (
    SELECT d.day, s.day AS before FROM unnest(%(days)s::date[]) AS d (day)
    JOIN stats_daystate s ON s.day = ANY(ARRAY[d.day - 7, d.day - 14, d.day - 21, d.day - 28])
), counted AS (
    SELECT day, network_id, sum(messages) AS messages FROM stats_networkday
    WHERE day IN (SELECT before FROM before) AND network_id IS NOT NULL
    GROUP BY day, network_id
), networks AS (
    SELECT DISTINCT b.day, c.network_id FROM before b JOIN counted c ON c.day = b.before
)
SELECT n.day, n.network_id,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(c.messages, 0)::float8)
FROM networks n
JOIN before b ON b.day = n.day
LEFT JOIN counted c ON c.day = b.before AND c.network_id = n.network_id
GROUP BY n.day, n.network_id
HAVING percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(c.messages, 0)::float8) > 0
"""
# Id 0 stands for none meanwhile. Sums are floats, exact up to 2^53: those of bigint are numeric,
# which is slow. What the month came to on the day before goes on from there.
_RUN = f"""
WITH days AS (
    SELECT day FROM stats_daystate WHERE day >= %(since)s AND day < %(next)s
), parts AS (
    SELECT day, coalesce(network_id, 0) AS id, {_NAMES}, 0 AS usual
    FROM stats_networkday WHERE day >= %(since)s AND day < %(next)s
    UNION ALL
    SELECT day, network_id, {", ".join("0" for _ in SUMS)}, usual
    FROM stats_networkusual WHERE day >= %(since)s AND day < %(next)s
    UNION ALL
    SELECT day, coalesce(network_id, 0), {_NAMES}, usual
    FROM stats_networkrun WHERE day = %(last)s
), sums AS (
    SELECT day, id, {", ".join(f"sum({name}::float8) AS {name}" for name in SUMS)},
           sum(usual) AS usual
    FROM parts GROUP BY day, id
), networks AS (
    SELECT id, min(day) AS first FROM sums GROUP BY id
), grid AS (
    SELECT d.day, n.id FROM networks n JOIN days d ON d.day >= n.first
    UNION ALL
    SELECT day, id FROM sums WHERE day = %(last)s
), running AS (
    SELECT day, id, {", ".join(f"sum(coalesce({name}, 0)) OVER w AS {name}" for name in SUMS)},
           sum(coalesce(usual, 0)) OVER w AS usual
    FROM grid LEFT JOIN sums USING (day, id) WINDOW w AS (PARTITION BY id ORDER BY day)
)
SELECT day, nullif(id, 0), {_NAMES}, usual FROM running WHERE day >= %(since)s
"""
_TOTAL = f"""
SELECT %(first)s::date, network_id, {", ".join(f"sum({name})" for name in SUMS)}, sum(usual)
FROM (
    SELECT network_id, {_NAMES}, usual FROM stats_networktotal
    WHERE day = (SELECT max(day) FROM stats_networktotal WHERE day < %(first)s)
    UNION ALL
    SELECT network_id, {_NAMES}, usual FROM stats_networkrun
    WHERE day = (SELECT max(day) FROM stats_networkrun
                 WHERE day >= %(first)s AND day < %(next)s)
) added
GROUP BY network_id
"""
# Tables, their columns, and the query that makes them.
_USUALS = ("stats_networkusual", ("day", "network_id", "usual"), _USUAL)
_COLUMNS = ("day", "network_id", *SUMS, "usual")
_RUNS = ("stats_networkrun", _COLUMNS, _RUN)
_TOTALS = ("stats_networktotal", _COLUMNS, _TOTAL)
TABLES = (_USUALS, _RUNS, _TOTALS)
_MONTHS = """
SELECT DISTINCT date_trunc('month', day)::date FROM stats_daystate WHERE day >= %s ORDER BY 1
"""


def mark_due(cursor: Any, day: date) -> None:
    """In the transaction that makes NetworkDay of a day anew."""
    cursor.execute("INSERT INTO stats_networkdue VALUES (%s) ON CONFLICT DO NOTHING", [day])


def derive() -> None:
    """What the days that are due are usual for, and all sums from them on.

    Once for all of them: a day costs the rest of its month.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM stats_networkdue RETURNING day")
        due = [row[0] for row in cursor.fetchall()]
        if due:
            _derive(cursor, due)


def _derive(cursor: Any, due: list[date]) -> None:
    later = {day + timedelta(weeks=weeks) for day in due for weeks in range(WEEKS + 1)}
    cursor.execute("SELECT day FROM stats_daystate WHERE day = ANY(%s)", [list(later)])
    days = sorted({row[0] for row in cursor.fetchall()})
    cursor.execute("DELETE FROM stats_networkusual WHERE day = ANY(%s)", [days])
    for place in range(0, len(days), _AT_ONCE):
        _insert(cursor, _USUALS, {"days": days[place : place + _AT_ONCE]})
    changed: dict[date, date] = {}
    for day in days:
        changed.setdefault(day.replace(day=1), day)
    for first, since in changed.items():
        _run(cursor, first, since)
    cursor.execute(_MONTHS, [min(due).replace(day=1)])
    for (first,) in cursor.fetchall():
        _total(cursor, first)


def _run(cursor: Any, first: date, since: date) -> None:
    """The running sums of a month, from a day on."""
    values = {"first": first, "since": since, "next": next_month(first)}
    cursor.execute("DELETE FROM stats_networkrun WHERE day >= %(since)s AND day < %(next)s", values)
    cursor.execute(
        "SELECT max(day) FROM stats_networkrun WHERE day >= %(first)s AND day < %(since)s", values
    )
    _insert(cursor, _RUNS, values | {"last": cursor.fetchone()[0]})


def _total(cursor: Any, first: date) -> None:
    """All that was sent up to the end of a month; needs the total of the month before."""
    cursor.execute("DELETE FROM stats_networktotal WHERE day = %s", [first])
    _insert(cursor, _TOTALS, {"first": first, "next": next_month(first)})


def _insert(cursor: Any, table: tuple[str, tuple[str, ...], str], values: dict[str, Any]) -> None:
    name, columns, query = table
    cursor.execute(f"INSERT INTO {name} ({', '.join(columns)}) {query}", values)
