"""Two runs at once, and ingest beside them: on connections of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from django.db import connection

from stats.models import TrafficHour
from stats.rollups import marked_hours, recompute, roll_up, running
from stats.rollups.definition import Rollup
from stats.rollups.hours import ROLLUPS
from stats.rollups.locks import SPACE, Lock
from tracking.tests import mail_log
from tracking.tests.support import ingest

HOUR = datetime(2026, 11, 20, 3, tzinfo=UTC)
MARK = (
    "INSERT INTO tracking_dirtyhour (hour) VALUES (%s) "
    "ON CONFLICT (hour) DO UPDATE SET marked_at = clock_timestamp()"
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other(transactional_db: None) -> Iterator[Any]:
    """Another process: a connection that commits each statement."""
    session = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
    session.autocommit = True
    yield session.cursor()
    session.close()


def test_it_leaves_the_work_to_a_run_that_goes_on(other: Any) -> None:
    ingest(mail_log.SENT)
    other.execute("SELECT pg_advisory_lock(%s, %s)", [SPACE, Lock.HOURS])
    assert roll_up() is None
    assert marked_hours() == [HOUR]
    other.execute("SELECT pg_advisory_unlock(%s, %s)", [SPACE, Lock.HOURS])
    assert roll_up() == 1
    assert marked_hours() == []


def test_it_lets_go_of_the_lock(other: Any) -> None:
    roll_up()
    other.execute("SELECT pg_try_advisory_lock(%s, %s)", [SPACE, Lock.HOURS])
    assert other.fetchone() == (True,)


def test_it_keeps_a_mark_that_came_meanwhile(other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(mail_log.SENT)

    class MarkingRollups(tuple[Rollup, ...]):
        """The tables; going through them is when ingest stores a segment."""

        def __iter__(self) -> Iterator[Rollup]:
            other.execute(MARK, [HOUR])
            return super().__iter__()

    monkeypatch.setattr(running, "ROLLUPS", MarkingRollups(ROLLUPS))
    recompute(HOUR)
    assert marked_hours() == [HOUR]
    assert TrafficHour.objects.count() == 1
    monkeypatch.undo()
    recompute(HOUR)
    assert marked_hours() == []


def test_it_changes_nothing_when_it_fails_halfway(monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(mail_log.SENT)
    roll_up()
    broken = Rollup("stats_rejectionhour", ("kind",), (), "SELECT no_such_column")
    monkeypatch.setattr(running, "ROLLUPS", (*ROLLUPS[:2], broken))
    with pytest.raises(Exception, match="no_such_column"):
        recompute(HOUR)
    assert TrafficHour.objects.count() == 1
