"""Celery tasks of alerts. None of them runs long: they have no place in the queue of rollups."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from stats.alerts.delivery import deliver
from stats.alerts.evaluation import evaluate
from stats.alerts.outbox import due_notices


@shared_task(name="stats.evaluate_alerts")
def evaluate_alerts() -> list[int]:
    """Hold the rules against what is known, then send what is due, also from earlier runs."""
    try:
        evaluate()
    finally:
        due = due_notices(timezone.now())
        for pk in due:
            deliver_alert_notice.delay(pk)
    return due


@shared_task(name="stats.deliver_alert_notice", soft_time_limit=60, time_limit=90)
def deliver_alert_notice(pk: int) -> bool:
    """Send one notice, unless it was sent or another worker is at it; failures wait in its row."""
    return deliver(pk)
