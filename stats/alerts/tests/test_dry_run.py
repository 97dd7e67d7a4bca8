"""What a rule would have done: as the real one, and without a trace."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from stats.alerts.choices import RuleKind
from stats.alerts.dry_run import dry_run
from stats.alerts.evaluation import evaluate
from stats.alerts.models import Alert, AlertRule
from stats.alerts.tests.support import (
    HOUR,
    MINUTE,
    NOW,
    make_network,
    make_rule,
    make_source,
    traffic,
    virus_traffic,
)
from tracking.choices import Disposition
from tracking.models import LogSegment, LogSource
from tracking.tests.test_watch import begin, end

pytestmark = pytest.mark.django_db


def test_it_counts_each_time_the_real_one_would_have_raised() -> None:
    """Judged every ten minutes of three days by the real rule; of whole hours by the dry run."""
    network = make_network()
    for hours, bounced in ((60, 50), (59, 50), (40, 50), (39, 2), (20, 50), (1, 5)):
        traffic(NOW - hours * HOUR, bounced, Disposition.BOUNCED, network)
        traffic(NOW - hours * HOUR, 50, network=network)
    rule = make_rule(cooldown_minutes=120)
    found = dry_run(rule, NOW)
    assert not Alert.objects.exists()
    moment = NOW - timedelta(days=3)
    raised = 0
    while moment <= NOW:
        raised += len(evaluate(moment).raised)
        moment += 10 * MINUTE
    assert (found.count, raised) == (3, 3)
    assert [firing.at for firing in found.firings] == sorted(
        (firing.at for firing in found.firings), reverse=True
    )


def test_it_tries_a_rule_that_is_not_saved() -> None:
    virus_traffic(NOW - 5 * HOUR, 30)
    values = {"raise_at": 20, "clear_at": 10, "window_hours": 1}
    found = dry_run(AlertRule(name="new", kind=RuleKind.VIRUS_OUTBREAK, **values), NOW)
    assert (found.count, found.newest[0].subject_label) == (1, "Eicar-Signature")
    assert not AlertRule.objects.exists()


def test_it_looks_at_seven_days() -> None:
    virus_traffic(NOW - timedelta(days=8), 30)
    assert dry_run(make_rule(RuleKind.VIRUS_OUTBREAK), NOW).count == 0


def test_it_knows_how_long_mail_waited() -> None:
    begin()
    end()
    rule = make_rule(RuleKind.QUEUE_AGE, raise_at=2, clear_at=1, minimum=0)
    found = dry_run(rule, timezone.now() + MINUTE)
    assert [firing.subject_label for firing in found.firings] == ["out1"]
    rule.raise_at = 30
    assert dry_run(rule, timezone.now() + MINUTE).count == 0


def test_it_knows_when_a_source_was_silent() -> None:
    source = make_source("relay", NOW - 30 * MINUTE)
    for number, hours in enumerate((50, 49, 30, 29), 1):
        segment(source, number, NOW - hours * HOUR)
    rule = make_rule(RuleKind.SOURCE_SILENT, raise_at=100, clear_at=5, minimum=0)
    (found,) = dry_run(rule, NOW).firings
    assert found.at == NOW - 49 * HOUR + 100 * MINUTE
    rule.raise_at = 15
    assert dry_run(rule, NOW).firings[0].at == NOW - 15 * MINUTE  # still silent


def segment(source: LogSource, number: int, at: datetime) -> None:
    LogSegment.objects.create(
        source=source, number=number, raw_size=1, digest="", content=b"", received_at=at,
        reference_at=at, processed_at=at, first_line_at=at, last_line_at=at,
    )  # fmt: skip
