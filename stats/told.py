"""How long it is kept what alerts and reports told: cleared alerts with their notices, sendings."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from stats.alerts.choices import AlertState
from stats.models import Alert, ReportSending
from stats.reports.choices import SendingState
from stats.retention import Pruned

_BATCH = 500


def prune_told(*, is_dry_run: bool) -> list[Pruned]:
    """Delete what ended more than ALERTS_AND_REPORTS_DAYS ago; 0 keeps for ever."""
    if not settings.ALERTS_AND_REPORTS_DAYS:
        return []
    before = timezone.now() - timedelta(days=settings.ALERTS_AND_REPORTS_DAYS)
    alerts = Alert.objects.filter(state=AlertState.CLEARED, cleared_at__lt=before)
    # The newest report of a reader stays: it says that it was sent.
    newer = ReportSending.objects.filter(
        subscription=OuterRef("subscription"), first_day__gt=OuterRef("first_day"), is_extra=False
    )
    sendings = ReportSending.objects.exclude(state=SendingState.WAITING)
    sendings = sendings.filter(Exists(newer), ended_at__lt=before)
    return [
        Pruned(
            found.model._meta.db_table, before.isoformat(), _pruned(found, is_dry_run=is_dry_run)
        )
        for found in (alerts, sendings)
    ]


def _pruned(found: QuerySet[Alert] | QuerySet[ReportSending], *, is_dry_run: bool) -> int:
    count = found.count()
    while not is_dry_run and (batch := list(found.values_list("pk", flat=True)[:_BATCH])):
        found.model._default_manager.filter(pk__in=batch).delete()
    return count
