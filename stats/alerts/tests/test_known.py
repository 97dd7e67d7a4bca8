"""Rules about mail look only as far as the logs have told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from stats.alerts.choices import AlertState
from stats.alerts.evaluation import evaluate
from stats.alerts.known import known_until
from stats.alerts.models import Alert
from stats.alerts.tests.support import (
    HOUR,
    MINUTE,
    NOW,
    make_network,
    make_rule,
    make_source,
    traffic,
)
from tracking.choices import Disposition

pytestmark = pytest.mark.django_db


def mark(hours_ago: int, minutes_ago: int) -> None:
    """An hour that waits to be rolled up since then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tracking_dirtyhour (hour, marked_at) VALUES (%s, %s)",
            [NOW.replace(minute=0) - hours_ago * HOUR, NOW - minutes_ago * MINUTE],
        )


def test_it_ends_where_the_source_ends_that_has_told_least() -> None:
    make_source("fast", NOW)
    make_source("slow", NOW - 20 * MINUTE)
    make_source("archive", NOW - 50 * HOUR, is_live=False)
    known = known_until(NOW)
    assert (known.until, known.holding, known.without) == (NOW - 20 * MINUTE, ("slow",), ())


def test_a_source_that_is_silent_for_hours_holds_nobody_back() -> None:
    make_source("fast", NOW)
    make_source("dead", NOW - 3 * HOUR)
    known = known_until(NOW)
    assert (known.until, known.holding, known.without) == (NOW, (), ("dead",))


def test_without_a_live_source_the_clock_counts() -> None:
    make_source("archive", NOW - 50 * HOUR, is_live=False)
    assert known_until(NOW).until == NOW


@pytest.mark.parametrize(
    ("hours_ago", "minutes_ago", "is_stale"), [(0, 1, False), (1, 5, True), (100, 5, False)]
)
def test_hours_that_wait_to_be_rolled_up_are_stale(
    hours_ago: int,
    minutes_ago: int,
    is_stale: bool,  # noqa: FBT001
) -> None:
    mark(hours_ago, minutes_ago)
    assert known_until(NOW).is_stale is is_stale


def test_nothing_is_raised_or_cleared_from_stale_figures() -> None:
    make_rule()
    mark(1, 5)
    traffic(NOW, 50, Disposition.BOUNCED, make_network())
    assert evaluate(NOW).raised == []


def test_a_silent_source_neither_raises_nor_clears() -> None:
    """The relay that delivers is silent from half past: its share must not look like a change."""
    make_rule(per="site")
    make_source("relay", NOW - timedelta(hours=1))
    traffic(NOW - 2 * HOUR, 50, Disposition.BOUNCED, make_network())
    assert len(evaluate(NOW).raised) == 1
    for minutes in (1, 30, 59):
        outcome = evaluate(NOW + minutes * MINUTE)
        assert (outcome.raised, outcome.cleared) == ([], [])


def test_an_alert_says_which_mail_it_lacks() -> None:
    make_rule(per="site")
    make_source("fast", NOW)
    make_source("dead", NOW - 3 * HOUR)
    traffic(NOW, 50, Disposition.BOUNCED, make_network())
    evaluate(NOW)
    assert Alert.objects.get(state=AlertState.OPEN).without == ["dead"]
