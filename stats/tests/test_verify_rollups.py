"""``verify_rollups`` finds whatever was changed behind its back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from stats.models import RejectionHour, TrafficHour
from stats.rollups import roll_up
from stats.rollups.days import LISTED_SUMS, LISTS, SUMS
from stats.rollups.definition import Rollup
from stats.rollups.hours import ROLLUPS
from stats.rollups.months import MONTHS
from stats.rollups.networks import TABLES
from tracking.tests import mail_log
from tracking.tests.support import ingest

EVERY_TABLE = (*ROLLUPS, *SUMS, *LISTED_SUMS, *LISTS)
MADE_OF_DAYS = (
    *((rollup.table, rollup.sums[0]) for rollup in MONTHS),
    *((name, columns[2]) for name, columns, _query in TABLES),
)


def verify() -> tuple[int, list[str]]:
    """Exit status, and lines."""
    out = StringIO()
    try:
        call_command("verify_rollups", stdout=out)
    except SystemExit as stop:
        return int(str(stop.code)), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_it_agrees_with_nothing() -> None:
    status, lines = verify()
    assert status == 0
    assert json.loads(lines[-1]) == {
        "hours": 0,
        "days": 0,
        "months": 0,
        "differences": 0,
        "without_facts": 0,
    }


@pytest.mark.django_db
def test_it_rolls_up_what_waits_and_agrees() -> None:
    ingest(mail_log.WHOLE)
    status, lines = verify()
    assert status == 0
    assert json.loads(lines[-1]) == {
        "hours": 1,
        "days": 1,
        "months": 0,
        "differences": 0,
        "without_facts": 0,
    }
    assert TrafficHour.objects.exists()


@pytest.mark.usefixtures("mail")
@pytest.mark.parametrize("rollup", EVERY_TABLE, ids=lambda rollup: rollup.table)
def test_it_finds_a_figure_that_was_changed(rollup: Rollup) -> None:
    ingest(mail_log.one_mail("3A1B2C4D6F", client="pc.stranger.example[192.0.2.200]"))
    roll_up()
    table, column = rollup.table, rollup.sums[0]
    execute(
        f"UPDATE {table} SET {column} = {column} + 1 "  # noqa: S608 (our own names)
        f"WHERE ctid = (SELECT ctid FROM {table} ORDER BY ctid LIMIT 1)"
    )
    status, lines = verify()
    assert status == 1
    assert any(f"{table} only in facts" in line and f" {column}=" in line for line in lines)
    assert any(f"{table} only in rollup" in line for line in lines)


@pytest.mark.usefixtures("mail")
@time_machine.travel(datetime(2026, 12, 20, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(("table", "column"), MADE_OF_DAYS)
def test_it_finds_a_changed_figure_that_is_made_of_days(table: str, column: str) -> None:
    ingest(mail_log.one_mail("3A1B2C4D6F", stamp="2026-11-27T03:00:00.000000+00:00"), "later")
    roll_up()
    assert verify()[0] == 0
    execute(
        f"UPDATE {table} SET {column} = {column} + 1 "  # noqa: S608 (our own names)
        f"WHERE ctid = (SELECT ctid FROM {table} ORDER BY ctid LIMIT 1)"
    )
    status, lines = verify()
    assert status == 1
    assert any(f"{table} only in facts" in line and f" {column}=" in line for line in lines)
    assert any(f"{table} only in rollup" in line for line in lines)


@pytest.mark.usefixtures("mail")
def test_it_finds_a_row_that_is_gone() -> None:
    RejectionHour.objects.filter(kind=3).delete()
    status, lines = verify()
    assert status == 1
    assert [line.split()[1] for line in lines[:-1]] == ["stats_rejectionhour", "stats_rejectionday"]
    assert lines[0].startswith("2026-11-20T03:00Z stats_rejectionhour only in facts: ")


@pytest.mark.usefixtures("mail")
def test_it_finds_an_hour_that_never_was() -> None:
    row = RejectionHour.objects.all()[0]
    row.pk, row.hour = None, datetime(2026, 11, 20, 9, tzinfo=UTC)
    row.save()
    assert verify()[0] == 1


@pytest.mark.usefixtures("mail")
def test_it_finds_facts_that_changed_without_a_mark() -> None:
    execute("UPDATE tracking_delivery SET disposition = 3 WHERE disposition = 2")
    assert verify()[0] == 1


@pytest.mark.usefixtures("mail")
def test_it_tells_hours_whose_facts_are_gone() -> None:
    """Rollups outlive the facts; a newer hour that has facts is still compared."""
    execute("TRUNCATE tracking_message, tracking_delivery, tracking_hop, tracking_rejection")
    status, lines = verify()
    assert status == 0
    assert json.loads(lines[-1]) == {
        "hours": 0,
        "days": 1,
        "months": 0,
        "differences": 0,
        "without_facts": 1,
    }
