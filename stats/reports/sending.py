"""Send reports: once for each period and reader, in the morning of his own clocks.

A row for the period is written before anything is sent, and is unique: two runs at once write one.
It is locked while its mail goes out. A report waits some hours for logs that are late, and then
says what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stats.alerts.delivery import BACKOFF, MAX_ANSWER
from stats.alerts.known import known_until
from stats.reports.choices import Every, SendingState
from stats.reports.mails import message_of
from stats.reports.models import ReportSending, ReportSubscription
from stats.reports.periods import Period, newest_period

PATIENCE = timedelta(hours=3)


def period_for(subscription: ReportSubscription, now: datetime) -> Period:
    """The newest that is over by the reader's calendar."""
    zone = ZoneInfo(subscription.time_zone)
    return newest_period(Every(subscription.every), now, zone)


def enqueue_due(now: datetime) -> None:
    """Write a row for each report that is due and has none."""
    ReportSending.objects.bulk_create(_due(now), ignore_conflicts=True)


def _due(now: datetime) -> Iterator[ReportSending]:
    known = known_until(now)
    is_exact = not known.is_stale and not known.without
    for subscription in ReportSubscription.objects.filter(is_active=True):
        period = period_for(subscription, now)
        due_at = period.due_at(settings.REPORT_HOUR)
        is_due = subscription.started_at <= due_at <= now
        is_complete = is_exact and known.until >= period.span.until
        if is_due and (is_complete or now >= due_at + PATIENCE):
            yield _row(subscription, period, now)


def send_now(subscription: ReportSubscription, now: datetime) -> int:
    """Another copy of the newest report; returns the id of its row, which is due."""
    row = _row(subscription, period_for(subscription, now), now)
    row.is_extra = True
    row.save()
    return row.pk


def _row(subscription: ReportSubscription, period: Period, now: datetime) -> ReportSending:
    return ReportSending(
        subscription=subscription,
        first_day=period.first,
        last_day=period.last,
        created_at=now,
        next_at=now,
    )


def waiting_sendings(now: datetime) -> list[int]:
    """Ids of rows that are to be sent now."""
    found = ReportSending.objects.filter(state=SendingState.WAITING, next_at__lte=now)
    return list(found.order_by("next_at", "pk").values_list("pk", flat=True)[:1000])


def deliver(pk: int, now: datetime | None = None) -> bool:
    """Send one report if it still waits; whether it was sent now."""
    moment = now or timezone.now()
    with transaction.atomic():
        rows = ReportSending.objects.select_for_update(of=("self",), skip_locked=True)
        rows = rows.select_related("subscription__customer")
        row = rows.filter(pk=pk, state=SendingState.WAITING, next_at__lte=moment).first()
        if row is None:
            return False
        answer = _send(row, moment)
        row.attempts += 1
        _note(row, answer, moment)
        row.save(update_fields=["attempts", "answer", "state", "ended_at", "next_at"])
    return row.state == SendingState.SENT


def _send(row: ReportSending, now: datetime) -> str:
    """ "" or why it was not sent."""
    if not settings.SENDS_MAIL:
        return "The console sends no mail: EMAIL_URL is not set."
    try:
        message_of(row, now).send()
    except (OSError, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


def _note(row: ReportSending, answer: str, now: datetime) -> None:
    row.answer = answer.replace("\0", "\ufffd")[:MAX_ANSWER]
    if not answer:
        row.state, row.ended_at = SendingState.SENT, now
    elif row.attempts > len(BACKOFF):
        row.state, row.ended_at = SendingState.FAILED, now
    else:
        row.next_at = now + timedelta(minutes=BACKOFF[row.attempts - 1])
