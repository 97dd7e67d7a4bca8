"""Send the rows of the outbox: once each, again when it failed, and not for ever.

A row is locked while it is sent, and what came of it commits with the lock. Killed between the
receiver's answer and that commit, it is sent again: mail then has the same Message-ID, a webhook
the same delivery id.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from stats.alerts.choices import Channel, NoticeState
from stats.alerts.mails import message_of
from stats.alerts.models import AlertNotice
from stats.alerts.webhook import WebhookFailed, payload_of, post, secret_of

# Minutes to wait after each failure; after the last one it is given up, a day after the first.
BACKOFF = (1, 2, 5, 15, 30, 60, 120, 240, 480, 480)
MAX_ANSWER = 500


class NotSent(Exception):
    """Why a notice could not be sent now; the text is shown."""


def deliver(pk: int, now: datetime | None = None) -> bool:
    """Send one notice if it still waits; whether it was sent now."""
    moment = now or timezone.now()
    with transaction.atomic():
        rows = AlertNotice.objects.select_for_update(of=("self",), skip_locked=True)
        rows = rows.select_related("alert__rule")
        notice = rows.filter(pk=pk, state=NoticeState.WAITING, next_at__lte=moment).first()
        if notice is None:
            return False
        try:
            answer = _send(notice)
        except (NotSent, WebhookFailed, OSError, ValueError, SoftTimeLimitExceeded) as error:
            _failed(notice, str(error) or type(error).__name__, moment)
            return False
        _end(notice, NoticeState.SENT, answer, moment)
    return True


def send_again(notice: AlertNotice, now: datetime) -> bool:
    """Try a notice that was given up once more; False when it was not given up."""
    failed = AlertNotice.objects.filter(pk=notice.pk, state=NoticeState.FAILED)
    return bool(failed.update(state=NoticeState.WAITING, attempts=0, next_at=now, ended_at=None))


def _send(notice: AlertNotice) -> str:
    if notice.channel == Channel.WEBHOOK:
        rule = notice.alert.rule
        if rule is None:
            raise NotSent("The rule was deleted, and its secret with it.")
        return post(notice.target, payload_of(notice), secret_of(rule), str(notice.key))
    if not settings.SENDS_MAIL:
        raise NotSent("The console sends no mail: EMAIL_URL is not set.")
    message_of(notice).send()
    return ""


def _failed(notice: AlertNotice, answer: str, now: datetime) -> None:
    notice.attempts += 1
    if notice.attempts > len(BACKOFF):
        _end(notice, NoticeState.FAILED, answer, now, is_counted=True)
        return
    notice.next_at = now + timedelta(minutes=BACKOFF[notice.attempts - 1])
    notice.answer = _clean(answer)
    notice.save(update_fields=["attempts", "next_at", "answer"])


def _end(
    notice: AlertNotice,
    state: NoticeState,
    answer: str,
    now: datetime,
    *,
    is_counted: bool = False,
) -> None:
    notice.state, notice.ended_at, notice.answer = state, now, _clean(answer)
    notice.attempts += 0 if is_counted else 1
    notice.save(update_fields=["state", "ended_at", "answer", "attempts"])


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd")[:MAX_ANSWER]
