"""The time range of a search is always bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tracking.periods import resolve_range

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=ZoneInfo("Asia/Jakarta"))
HOUR = timedelta(hours=1)


def test_it_is_the_last_day_unless_told() -> None:
    found = resolve_range(NOW, NOW - HOUR)
    assert found.since == NOW - 24 * HOUR
    assert found.until - NOW < timedelta(seconds=1)
    assert (found.period, found.ends_at_newest) == ("24h", False)


def test_it_ends_at_the_newest_mail_when_that_is_older() -> None:
    newest = NOW - timedelta(days=90)
    found = resolve_range(NOW, newest)
    assert found.since == newest - 24 * HOUR
    assert newest < found.until < newest + HOUR
    assert found.ends_at_newest


def test_it_begins_today_at_midnight_of_the_site() -> None:
    assert resolve_range(NOW, NOW, period="today").since == datetime(2026, 11, 23, 17, tzinfo=UTC)


def test_it_takes_exact_times_before_a_preset() -> None:
    since, until = NOW - 5 * HOUR, NOW - 4 * HOUR
    found = resolve_range(NOW, NOW, period="7d", since=since, until=until)
    assert (found.since, found.until, found.period) == (since, until, "")


def test_it_bounds_a_range_with_one_end() -> None:
    assert resolve_range(NOW, NOW, until=NOW).since == NOW - 24 * HOUR
    assert resolve_range(NOW, NOW, since=NOW - HOUR).until >= NOW
    assert resolve_range(NOW, NOW, since=NOW + HOUR).until > NOW + HOUR


def test_it_shows_mail_of_a_clock_that_is_ahead() -> None:
    newest = NOW + timedelta(minutes=5)
    assert resolve_range(NOW, newest).until > newest


def test_it_works_without_any_mail() -> None:
    assert resolve_range(NOW, None).since == NOW - 24 * HOUR
