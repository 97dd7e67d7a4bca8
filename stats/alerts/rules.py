"""Change rules. What a rule raised and is no longer looked at is closed with it, silently."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from stats.alerts.choices import AlertState
from stats.alerts.models import Alert, AlertRule


def save_rule(rule: AlertRule) -> None:
    """A rule that is switched off closes its alerts; one that was changed judges them anew."""
    with transaction.atomic():
        rule.save()
        if not rule.is_active:
            _close(rule)
        else:
            rule.alerts.filter(state=AlertState.PENDING).delete()


def delete_rule(rule: AlertRule) -> None:
    """Its history stays."""
    with transaction.atomic():
        _close(rule)
        rule.delete()


def renew_secret(rule: AlertRule) -> None:
    """Another secret for its webhook, from the next delivery on."""
    rule.webhook_key = uuid.uuid4()
    rule.save(update_fields=["webhook_key"])


def acknowledge(pk: int, user_id: int, comment: str) -> bool:
    """Whether it was this call that acknowledged the alert: the first one counts."""
    waiting = Alert.objects.filter(pk=pk, acknowledged_at__isnull=True)
    found = waiting.exclude(state=AlertState.PENDING)
    values = {"acknowledged_by_id": user_id, "comment": comment}
    return bool(found.update(acknowledged_at=timezone.now(), **values))


def _close(rule: AlertRule) -> None:
    rule.alerts.filter(state=AlertState.PENDING).delete()
    opened = rule.alerts.filter(state=AlertState.OPEN)
    opened.update(state=AlertState.CLEARED, cleared_at=timezone.now())
