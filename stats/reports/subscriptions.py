"""Change who gets reports, and list it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone

from stats.reports.choices import SendingState
from stats.reports.models import ReportSending, ReportSubscription

MAX_SENDINGS = 12


def save_subscription(subscription: ReportSubscription) -> None:
    """Nothing is sent of what was due before somebody switched it on."""
    with transaction.atomic():
        stored = ReportSubscription.objects.filter(pk=subscription.pk, is_active=True)
        if subscription.is_active:
            if not stored.exists():
                subscription.started_at = timezone.now()
            subscription.ended_by_reader_at = None
        subscription.save()
        if not subscription.is_active:
            subscription.sendings.filter(state=SendingState.WAITING).delete()


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription with its newest sending."""

    subscription: ReportSubscription
    newest: ReportSending | None


def subscriptions() -> Iterable[Subscribed]:
    """All of them by address; two queries."""
    newest = ReportSending.objects.filter(subscription=OuterRef("pk")).order_by("-pk")
    found = ReportSubscription.objects.select_related("customer").annotate(
        newest_sending=Subquery(newest.values("pk")[:1])
    )
    rows = list(found)
    sendings = ReportSending.objects.in_bulk([getattr(row, "newest_sending", None) for row in rows])
    return [Subscribed(row, sendings.get(getattr(row, "newest_sending", 0))) for row in rows]


def with_sendings() -> QuerySet[ReportSubscription]:
    """For one of them: with the record of what was sent."""
    newest = ReportSending.objects.order_by("-pk")
    return ReportSubscription.objects.select_related("customer").prefetch_related(
        Prefetch("sendings", queryset=newest)
    )
