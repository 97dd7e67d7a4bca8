"""Alerts to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from stats.alerts.choices import AlertState, NoticeState
from stats.alerts.models import Alert, AlertNotice, AlertRule

# Beat looks every minute.
LATE = timedelta(minutes=5)


def shown_alerts() -> QuerySet[Alert]:
    """Those that were raised; what is only pending is nobody's business yet."""
    found = Alert.objects.exclude(state=AlertState.PENDING)
    return found.select_related("acknowledged_by")


def open_alerts() -> QuerySet[Alert]:
    """Open ones: what nobody has acknowledged first, the newest first."""
    return shown_alerts().filter(state=AlertState.OPEN)


def unacknowledged_count() -> int:
    """The number in the menu; reads an index of open alerts."""
    found = Alert.objects.filter(state=AlertState.OPEN, acknowledged_at__isnull=True)
    return found.order_by().count()


def alert_with_notices(pk: int) -> Alert | None:
    """One with the record of who was told; two queries."""
    return shown_alerts().select_related("rule").prefetch_related("notices").filter(pk=pk).first()


def rules_with_counts() -> QuerySet[AlertRule]:
    """All rules by name, with how many of their alerts are open."""
    is_open = Q(alerts__state=AlertState.OPEN)
    rules = AlertRule.objects.select_related("customer")
    return rules.annotate(open_count=Count("alerts", filter=is_open)).order_by("name")


@dataclass(frozen=True, slots=True)
class Watchfulness:
    """Whether somebody looks at every rule: ``evaluated_at`` is of the one seen longest ago."""

    active_rules: int
    evaluated_at: datetime | None
    failed_notices: int

    @property
    def is_late(self) -> bool:
        at = self.evaluated_at
        return bool(self.active_rules) and (at is None or timezone.now() - at > LATE)


def watchfulness() -> Watchfulness:
    """Two queries."""
    active = AlertRule.objects.filter(is_active=True)
    found = active.aggregate(count=Count("pk"), oldest=Min("evaluated_at"))
    failed = AlertNotice.objects.filter(
        state=NoticeState.FAILED, ended_at__gt=timezone.now() - timedelta(days=1)
    )
    return Watchfulness(found["count"], found["oldest"], failed.count())
