"""Rules, alerts and the outbox of what people are told about them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stats.alerts.choices import (
    AlertState,
    Channel,
    NoticeState,
    Per,
    RuleKind,
    Severity,
    SubjectKind,
    Transition,
)
from tracking.models import Customer

MAX_NAME = 100


class AlertRule(models.Model):
    """When to raise an alert, and whom to tell.

    ``raise_at`` and ``clear_at`` are in the unit of the kind (stats.alerts.wording.UNITS); an
    alert stays open between them. ``readers``: ``[{"address": …, "language": …}, …]``. The
    webhook's secret is made of ``webhook_key`` and SECRET_KEY, so that no row holds one.
    """

    name = models.CharField(_("name"), max_length=MAX_NAME, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=RuleKind.choices)
    is_active = models.BooleanField(_("active"), default=True)
    severity = models.CharField(
        _("severity"), max_length=10, choices=Severity.choices, default=Severity.WARNING
    )
    raise_at = models.FloatField(_("raise from"))
    clear_at = models.FloatField(_("clear below"))
    minimum = models.PositiveIntegerField(_("minimum count"), default=0)
    window_hours = models.PositiveSmallIntegerField(_("hours looked at"), default=1)
    hold_minutes = models.PositiveSmallIntegerField(_("for at least, minutes"), default=0)
    cooldown_minutes = models.PositiveIntegerField(_("cool-down, minutes"), default=60)
    per = models.CharField(_("measured"), max_length=10, choices=Per.choices, default=Per.SITE)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    readers = models.JSONField(default=list, blank=True)
    webhook_url = models.CharField(_("webhook"), max_length=500, blank=True)
    webhook_key = models.UUIDField(default=uuid.uuid4, editable=False)
    evaluated_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """One subject over a rule's threshold, from when it began until it cleared.

    What the rule said is copied: the alert outlives it. ``value`` raised it, ``newest_value`` is
    of the last look, ``peak`` the greatest: ``since`` and ``until`` is the time in which that was
    measured, and ``evidence`` the path of a page that shows it. ``without``: names of silent log
    sources that the figures lack.
    """

    rule = models.ForeignKey(AlertRule, on_delete=models.SET_NULL, null=True, related_name="alerts")
    rule_name = models.CharField(max_length=MAX_NAME)
    kind = models.CharField(max_length=20, choices=RuleKind.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    state = models.CharField(max_length=10, choices=AlertState.choices)
    subject_kind = models.CharField(max_length=10, choices=SubjectKind.choices)
    subject_key = models.CharField(max_length=255)
    subject_label = models.TextField()
    threshold = models.FloatField()
    value = models.FloatField()
    newest_value = models.FloatField()
    peak = models.FloatField()
    usual = models.FloatField(null=True)
    count = models.BigIntegerField(default=0)
    over_since = models.DateTimeField()
    raised_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    evidence = models.TextField()
    without = ArrayField(models.TextField(), default=list)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    comment = models.TextField(blank=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        permissions = (("acknowledge_alert", "Can acknowledge alerts"),)
        constraints = (
            # A subject has one alert of a rule at a time.
            models.UniqueConstraint(
                fields=("rule", "subject_key"),
                condition=~Q(state=AlertState.CLEARED),
                name="alert_one_at_a_time",
            ),
        )
        indexes = (
            # The number in the menu of every page, and the open ones.
            models.Index(fields=("id",), condition=Q(state=AlertState.OPEN), name="alert_open"),
            # The cool-down of a rule's subjects.
            models.Index(fields=("rule", "cleared_at"), name="alert_rule_cleared"),
        )

    def __str__(self) -> str:
        return f"{self.rule_name}: {self.subject_label}"


class AlertNotice(models.Model):
    """An alert's transition to tell to one target: a row of the outbox, and then its record."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    transition = models.CharField(max_length=10, choices=Transition.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    target = models.TextField()
    language = models.CharField(max_length=8, blank=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(
        max_length=10, choices=NoticeState.choices, default=NoticeState.WAITING
    )
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = (
            # Told once.
            models.UniqueConstraint(
                fields=("alert", "transition", "channel", "target"), name="alert_notice_key"
            ),
        )
        indexes = (
            # What is due.
            models.Index(
                fields=("next_at",), condition=Q(state=NoticeState.WAITING), name="notice_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.transition} → {self.target}"
