"""The rules that most sites begin with."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stats.alerts.choices import Per, RuleKind, Severity
from stats.alerts.models import AlertRule


def add_usual_rules() -> list[AlertRule]:
    """A rule of each kind of which there is none yet, named in the language of the moment."""
    with transaction.atomic():
        names = set(AlertRule.objects.values_list("name", flat=True))
        kinds = set(AlertRule.objects.values_list("kind", flat=True))
        rules = [AlertRule(**values) for values in _usual()]
        wanted = [rule for rule in rules if rule.kind not in kinds and rule.name not in names]
        return AlertRule.objects.bulk_create(wanted)


def _usual() -> list[dict[str, Any]]:
    return [
        {
            "name": _("Network sends five times its usual"),
            "kind": RuleKind.NETWORK_SURGE,
            "raise_at": 5, "clear_at": 3, "minimum": 500,
            "hold_minutes": 5, "cooldown_minutes": 180,
        },
        {
            "name": _("A fifth of a customer's mail bounces"),
            "kind": RuleKind.BOUNCE_SHARE,
            "per": Per.CUSTOMER,
            "raise_at": 20, "clear_at": 12, "minimum": 200,
            "hold_minutes": 10, "cooldown_minutes": 180, "window_hours": 2,
        },
        {
            "name": _("Mail waits for an hour"),
            "kind": RuleKind.QUEUE_AGE,
            "severity": Severity.NOTICE,
            "raise_at": 60, "clear_at": 45, "minimum": 20, "hold_minutes": 5,
        },
        {
            "name": _("A provider refuses more than before"),
            "kind": RuleKind.PROVIDER_REFUSING,
            "raise_at": 25, "clear_at": 15, "minimum": 100, "hold_minutes": 10, "window_hours": 2,
        },
        {
            "name": _("Log source silent for ten minutes"),
            "kind": RuleKind.SOURCE_SILENT,
            "severity": Severity.CRITICAL,
            "raise_at": 10, "clear_at": 5, "cooldown_minutes": 15,
        },
        {
            "name": _("One virus in mail to 20 recipients"),
            "kind": RuleKind.VIRUS_OUTBREAK,
            "severity": Severity.CRITICAL,
            "raise_at": 20, "clear_at": 10, "minimum": 0, "window_hours": 3,
        },
    ]  # fmt: skip
