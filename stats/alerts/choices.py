"""The closed lists of alerts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RuleKind(models.TextChoices):
    """What a rule looks at; of each, a greater value is worse."""

    NETWORK_SURGE = "network_surge", _("A network sends more than usual")
    BOUNCE_SHARE = "bounce_share", _("Too much mail bounces")
    QUEUE_AGE = "queue_age", _("Mail waits too long in a queue")
    PROVIDER_REFUSING = "provider_refusing", _("A provider starts refusing")
    SOURCE_SILENT = "source_silent", _("A log source is silent")
    VIRUS_OUTBREAK = "virus_outbreak", _("One virus in much mail")


class Severity(models.TextChoices):
    NOTICE = "notice", _("Notice")
    WARNING = "warning", _("Warning")
    CRITICAL = "critical", _("Critical")


class Per(models.TextChoices):
    """What a rule about bounces measures apart."""

    SITE = "site", _("The whole site")
    CUSTOMER = "customer", _("Each customer")
    NETWORK = "network", _("Each network")


class SubjectKind(models.TextChoices):
    SITE = "site", _("Site")
    CUSTOMER = "customer", _("Customer")
    NETWORK = "network", _("Network")
    RELAY = "relay", _("Relay")
    PROVIDER = "provider", _("Mail provider")
    SOURCE = "source", _("Log source")
    VIRUS = "virus", _("Virus")


class AlertState(models.TextChoices):
    """``pending``: over the threshold, but not yet for as long as the rule wants."""

    PENDING = "pending", _("Pending")
    OPEN = "open", _("Open")
    CLEARED = "cleared", _("Cleared")


class Transition(models.TextChoices):
    """What people are told of."""

    RAISED = "raised", _("Raised")
    CLEARED = "cleared", _("Cleared")


class Channel(models.TextChoices):
    MAIL = "mail", _("Mail")
    WEBHOOK = "webhook", _("Webhook")


class NoticeState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")
