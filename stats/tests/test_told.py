"""What alerts and reports told is kept as long as it is configured."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from stats.alerts.choices import AlertState, Channel, Transition
from stats.models import Alert, AlertNotice, ReportSending, ReportSubscription
from stats.reports.choices import SendingState
from stats.tasks import prune
from stats.told import prune_told

pytestmark = pytest.mark.django_db
TODAY = timezone.now()


def make_alert(name: str, state: AlertState, cleared_days: int | None) -> Alert:
    at = TODAY - timedelta(days=500)
    cleared = None if cleared_days is None else TODAY - timedelta(days=cleared_days)
    alert = Alert.objects.create(
        rule_name=name, kind="bounce_share", severity="warning", state=state, subject_kind="site",
        subject_key=name, subject_label=name, threshold=1, value=2, newest_value=2, peak=2,
        over_since=at, raised_at=at, cleared_at=cleared, since=at, until=at,
    )  # fmt: skip
    AlertNotice.objects.create(
        alert=alert, transition=Transition.RAISED, channel=Channel.MAIL, target="a@isp.example",
        created_at=at, next_at=at,
    )  # fmt: skip
    return alert


@pytest.fixture
def alerts() -> None:
    make_alert("old", AlertState.CLEARED, 400)
    make_alert("new", AlertState.CLEARED, 10)
    make_alert("open", AlertState.OPEN, None)


@pytest.fixture
def sendings() -> None:
    reader = ReportSubscription.objects.create(address="a@isp.example", every="month")
    leaver = ReportSubscription.objects.create(address="b@isp.example", every="month")
    for subscription, first, state, days in (
        (reader, date(2025, 1, 1), SendingState.SENT, 600),
        (reader, date(2025, 2, 1), SendingState.WAITING, 0),
        (reader, date(2025, 3, 1), SendingState.FAILED, 540),
        (reader, date(2026, 10, 1), SendingState.SENT, 20),
        (leaver, date(2025, 1, 1), SendingState.SENT, 600),
    ):
        ReportSending.objects.create(
            subscription=subscription, first_day=first, last_day=first, state=state,
            created_at=TODAY, next_at=TODAY, ended_at=TODAY - timedelta(days=days),
        )  # fmt: skip


@pytest.mark.usefixtures("alerts")
def test_old_alerts_go_with_their_notices(settings: Settings) -> None:
    settings.ALERTS_AND_REPORTS_DAYS = 365
    assert prune()["stats_alert"] == 1
    assert set(Alert.objects.values_list("rule_name", flat=True)) == {"new", "open"}
    assert AlertNotice.objects.count() == 2


@pytest.mark.usefixtures("sendings")
def test_old_sendings_go_but_what_waits_and_the_newest_of_each_reader(settings: Settings) -> None:
    """Without its newest row, a report would be due again."""
    settings.ALERTS_AND_REPORTS_DAYS = 365
    assert prune()["stats_reportsending"] == 2
    left = ReportSending.objects.order_by("pk").values_list("subscription__address", "first_day")
    assert list(left) == [
        ("a@isp.example", date(2025, 2, 1)),
        ("a@isp.example", date(2026, 10, 1)),
        ("b@isp.example", date(2025, 1, 1)),
    ]


@pytest.mark.usefixtures("alerts", "sendings")
def test_a_dry_run_and_none_configured_delete_nothing(settings: Settings) -> None:
    settings.ALERTS_AND_REPORTS_DAYS = 365
    assert [found.rows for found in prune_told(is_dry_run=True)] == [1, 2]
    settings.ALERTS_AND_REPORTS_DAYS = 0
    assert prune_told(is_dry_run=False) == []
    assert (Alert.objects.count(), ReportSending.objects.count()) == (3, 5)
