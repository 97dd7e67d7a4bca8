"""The evidence of an alert lists exactly the mail that its value counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from stats.alerts.choices import RuleKind
from stats.alerts.measures.by_kind import HOURLY
from stats.alerts.models import AlertRule
from stats.alerts.reading import Reading
from stats.rollups import roll_up
from stats.tests.support import count_behind

LAST_HOUR = datetime(2026, 11, 20, 5, tzinfo=UTC)


def readings(kind: RuleKind, **values: object) -> Iterator[Reading]:
    """Of every hour of the simulated day, with thresholds that everything is over."""
    rule = AlertRule(name="all", kind=kind, raise_at=0.1, clear_at=0.1, **values)
    steps = [LAST_HOUR - timedelta(hours=hours) for hours in range(7)]
    return (reading for _step, reading in HOURLY[kind](rule, steps))


@pytest.mark.django_db
@pytest.mark.usefixtures("simulated")
def test_it_lists_what_is_counted() -> None:
    roll_up()
    counted = []
    with timezone.override("Asia/Jakarta"):
        for reading in readings(RuleKind.BOUNCE_SHARE, window_hours=2):
            bounced = round(reading.value * reading.count / 100)
            counted.append((bounced, count_behind(reading.evidence)))
        for reading in readings(RuleKind.VIRUS_OUTBREAK, window_hours=3):
            counted.append((round(reading.value), count_behind(reading.evidence)))
    assert len(counted) > 5
    assert sum(wanted for wanted, _found in counted) > 5
    assert [pair for pair in counted if pair[0] != pair[1]] == []
