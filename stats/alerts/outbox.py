"""The outbox: who is told of a transition. Rows are written with it, and sent after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from stats.alerts.choices import Channel, NoticeState, Transition
from stats.alerts.models import Alert, AlertNotice, AlertRule


def enqueue(alert: Alert, rule: AlertRule, transition: Transition, now: datetime) -> list[int]:
    """Write a row for each target of the rule; belongs into the transition's transaction."""
    rows = [
        AlertNotice(
            alert=alert,
            transition=transition,
            channel=channel,
            target=target,
            language=language,
            created_at=now,
            next_at=now,
        )
        for channel, target, language in _targets(rule)
    ]
    return [row.pk for row in AlertNotice.objects.bulk_create(rows)]


def _targets(rule: AlertRule) -> Iterator[tuple[Channel, str, str]]:
    for reader in rule.readers:
        yield Channel.MAIL, reader["address"], reader["language"]
    if rule.webhook_url:
        yield Channel.WEBHOOK, rule.webhook_url, ""


def due_notices(now: datetime) -> list[int]:
    """Ids of rows that are to be sent now, the oldest first."""
    waiting = AlertNotice.objects.filter(state=NoticeState.WAITING, next_at__lte=now)
    return list(waiting.order_by("next_at", "pk").values_list("pk", flat=True)[:1000])
