"""``python -m mailgw.bench.paging LOOKS BUSY``: times of the pages of stats, as JSON.

Runs in a process of its own against a console's database that holds mail of thirty days: rolls it
up, copies the figures over a year, and asks for every page that stats has, over a day, thirty days
and a year. Then it puts BUSY mails into one hour and makes the figures of that hour.

Prints {"pages": {name: [seconds, …]}, "busy hour": {name: [seconds, …]}}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Max  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import URLPattern, URLResolver, get_resolver, reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

import mailgw.wsgi  # noqa: E402, F401 (leaves what it loaded out of collection, as a server does)
from mailgw.bench.filling import ROWS  # noqa: E402
from mailgw.bench.result import BenchError  # noqa: E402
from mailgw.bench.timing import seconds_of  # noqa: E402
from stats.alerts.choices import AlertState, SubjectKind  # noqa: E402
from stats.alerts.models import Alert  # noqa: E402
from stats.alerts.usual_rules import add_usual_rules  # noqa: E402
from stats.days import Day  # noqa: E402
from stats.models import SiteHour  # noqa: E402
from stats.reports.choices import Every  # noqa: E402
from stats.reports.models import ReportSubscription  # noqa: E402
from stats.rollups import recompute, roll_up  # noqa: E402
from stats.rollups.days import LISTED_SUMS, LISTS, SUMS  # noqa: E402
from stats.rollups.hours import ROLLUPS  # noqa: E402
from tracking.ingest.store.copying import ensure_partitions  # noqa: E402

MONTH = timedelta(days=30)
COPIES = 11
ALERTS = 1000
_NETWORK = """
SELECT network_id FROM stats_networkday WHERE network_id IS NOT NULL
GROUP BY 1 ORDER BY sum(messages) DESC LIMIT 1
"""
_REPORT = "SELECT max(id) FROM stats_reportsubscription"
# What stands for the arguments of routes; one that is missing here stands for no page.
ARGUMENTS = {
    "outbound-svg": {"name": "SELECT 'flow'"},
    "network": {"pk": _NETWORK},
    "network-chart": {"pk": _NETWORK},
    "address": {
        "text": "SELECT host(client) FROM stats_topday WHERE client IS NOT NULL "
        "GROUP BY 1 ORDER BY sum(messages) DESC OFFSET 50 LIMIT 1"
    },
    "alert": {"pk": "SELECT max(id) FROM stats_alert"},
    "alert-rule": {"pk": "SELECT min(id) FROM stats_alertrule"},
    "report": {"pk": _REPORT},
    "report-preview": {"pk": _REPORT},
    "report-preview-html": {"pk": _REPORT},
    "report-preview-pdf": {"pk": _REPORT},
    "alert-rule-new": {"kind": "SELECT 'queue_age'"},
}
# Routes without a GET, and pages that do not take so long a range.
_NOT_ASKED = {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.UNPROCESSABLE_ENTITY}
# Days that were only copied are counted, and their networks are to be added up.
_STATES = """
INSERT INTO stats_daystate (day, changed_at, summed, listed, listed_at, list_seconds)
SELECT day, now(), now(), now(), now(), 0 FROM stats_relayday GROUP BY day ON CONFLICT DO NOTHING
"""
_DUE = "INSERT INTO stats_networkdue SELECT day FROM stats_daystate"
_BUSY = "SELECT id FROM tracking_message WHERE kind = 0 ORDER BY id LIMIT %(count)s"


def spread_over_a_year() -> None:
    """The figures of thirty days, eleven times before them, and what is made of them."""
    newest: datetime = SiteHour.objects.aggregate(Max("hour"))["hour__max"]
    last = Day.at(newest)
    for rollup in (*ROLLUPS, *SUMS, *LISTED_SUMS, *LISTS):
        end = last.until if rollup.time == "hour" else last.after.on
        values: dict[str, Any] = {"month": MONTH, "copies": COPIES, "end": end}
        names = ", ".join(rollup.columns[1:])
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {rollup.table} ({rollup.column_list}) "  # noqa: S608 (our own names)
                f"SELECT {rollup.time} - k * %(month)s, {names} "
                f"FROM {rollup.table}, generate_series(1, %(copies)s) k "
                f"WHERE {rollup.time} >= %(end)s - %(month)s ON CONFLICT DO NOTHING",
                values,
            )
    with connection.cursor() as cursor:
        cursor.execute(_STATES)
        cursor.execute(_DUE)
    roll_up(is_patient=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def ranges() -> dict[str, dict[str, str]]:
    """Query strings: the newest day that is whole, and whole days up to it."""
    last = Day.at(SiteHour.objects.aggregate(Max("hour"))["hour__max"]).before
    found = {"day": {"day": last.iso}}
    for name, days in (("30 days", 30), ("year", 360)):
        first = last.last(days)[0]
        bounds = {"since": first.since.isoformat(), "until": last.until.isoformat()}
        found[name] = bounds
    return found


def pages() -> Iterator[tuple[str, str]]:
    """(name, path) of every route of stats."""
    for pattern in _patterns(get_resolver("stats.urls").url_patterns):
        given = ARGUMENTS.get(f"{pattern.name}", {})
        if given.keys() == pattern.pattern.converters.keys():
            arguments = {name: _one(query) for name, query in given.items()}
            yield f"{pattern.name}", reverse(f"stats:{pattern.name}", kwargs=arguments)


def _patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for item in found:
        if isinstance(item, URLPattern):
            yield item
        else:
            yield from _patterns(item.url_patterns)


def _one(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def raise_alerts() -> None:
    """Rules of each kind, and alerts of the last weeks; one is open."""
    rule, *_ = add_usual_rules()
    now = timezone.now()
    Alert.objects.bulk_create(
        Alert(
            rule=rule,
            rule_name=rule.name,
            kind=rule.kind,
            severity=rule.severity,
            state=AlertState.CLEARED if number else AlertState.OPEN,
            subject_kind=SubjectKind.SITE,
            subject_key=f"{number}",
            subject_label=f"Site {number}",
            threshold=5,
            value=6,
            newest_value=6,
            peak=8,
            over_since=now - number * timedelta(hours=1),
            raised_at=now - number * timedelta(hours=1),
            cleared_at=now - number * timedelta(minutes=50) if number else None,
            since=now - (number + 1) * timedelta(hours=1),
            until=now - number * timedelta(hours=1),
            evidence="/",
        )
        for number in reversed(range(ALERTS))
    )


def measure_pages(looks: int) -> dict[str, list[float]]:
    user = User.objects.create_superuser("bench")
    client = Client(headers={"Host": settings.ALLOWED_HOSTS[0]})
    client.force_login(user)
    times = {}
    for name, path in pages():
        for span, query in ranges().items():
            status = _get(client, path, query)
            if status in _NOT_ASKED:
                continue
            if status != HTTPStatus.OK:
                message = f"{path} over {span} answers {status}"
                raise BenchError(message)
            times[f"{name} {span}"] = seconds_of(lambda p=path, q=query: _get(client, p, q), looks)  # type: ignore[misc]
    return times


def _get(client: Client, path: str, query: dict[str, str]) -> int:
    response = client.get(path, query)
    b"".join(response)  # one that streams is made only now
    return int(response.status_code)


def fill_hour(busy: int) -> datetime:
    """Copies of ``busy`` mails in an hour of a day of its own."""
    hour = Day.at(SiteHour.objects.aggregate(Max("hour"))["hour__max"]).until + timedelta(days=2)
    with transaction.atomic(), connection.cursor() as cursor:
        ensure_partitions(cursor, [round(hour.timestamp()) * 1_000_000])
        cursor.execute("SELECT last_value + 1 FROM tracking_fact_id")
        values = {"hour": hour, "count": busy, "ids": cursor.fetchone()[0]}
        for table, changed in ROWS.items():
            if table != "tracking_rejection":
                _fold(cursor, table, changed, values)
        cursor.execute("ANALYZE")
    return hour


def _fold(cursor: Any, table: str, changed: dict[str, str], values: dict[str, Any]) -> None:
    """Rows of the first mails, each at its minute of the hour."""
    key = "id" if table == "tracking_message" else "message_id"
    parts = {name: changed[name] for name in changed if changed[name].endswith("+ %(ids)s")}
    parts["received_at"] = "%(hour)s + (received_at - date_trunc('hour', received_at, 'UTC'))"
    cursor.execute(f"SELECT * FROM {table} LIMIT 0")  # noqa: S608 (our own names)
    names = [column.name for column in cursor.description]
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608 (our own names)
        f"SELECT {', '.join(parts.get(name, name) for name in names)} FROM {table} "
        f"WHERE {key} IN ({_BUSY}) AND received_at < %(hour)s",
        values,
    )


def mark_all_hours() -> None:
    """Copied rows have not marked theirs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tracking_dirtyhour (hour) "
            "SELECT date_trunc('hour', received_at, 'UTC') FROM tracking_message "
            "UNION SELECT date_trunc('hour', received_at, 'UTC') FROM tracking_rejection "
            "ON CONFLICT (hour) DO NOTHING"
        )


def measure(looks: int, busy: int) -> dict[str, dict[str, list[float]]]:
    mark_all_hours()
    roll_up(is_patient=True)
    spread_over_a_year()
    raise_alerts()
    ReportSubscription.objects.create(
        address="bench@console.example", every=Every.MONTH, language="en"
    )
    found = measure_pages(looks)
    hour = fill_hour(busy)
    return {"pages": found, "busy hour": {"recompute": seconds_of(lambda: recompute(hour), 5)}}


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(measure(int(sys.argv[1]), int(sys.argv[2])))}\n")
