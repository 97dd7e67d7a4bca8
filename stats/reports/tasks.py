"""Celery tasks of reports."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from stats.reports.sending import deliver, enqueue_due, waiting_sendings


@shared_task(name="stats.send_reports")
def send_reports() -> list[int]:
    """Write down what is due, then send what waits, also from earlier runs."""
    now = timezone.now()
    enqueue_due(now)
    waiting = waiting_sendings(now)
    for pk in waiting:
        deliver_report.delay(pk)
    return waiting


@shared_task(name="stats.deliver_report")
def deliver_report(pk: int) -> bool:
    """Send one report, unless it was sent or another worker is at it; failures wait in its row."""
    return deliver(pk)
