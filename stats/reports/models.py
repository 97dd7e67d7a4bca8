"""Who gets which report, and which were sent."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stats.reports.choices import Every, SendingState
from tracking.models import Customer


def site_time_zone() -> str:
    return str(settings.SITE_TIME_ZONE)


class ReportSubscription(models.Model):
    """A reader and what he reads: the whole site, or only one customer's mail.

    ``started_at``: reports that were due before are not sent. ``ended_by_reader_at``: when the
    reader took the way out that each mail offers.
    """

    address = models.CharField(_("address"), max_length=254)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    every = models.CharField(_("every"), max_length=10, choices=Every.choices)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    time_zone = models.CharField(_("time zone"), max_length=64, default=site_time_zone)
    is_active = models.BooleanField(_("active"), default=True)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_by_reader_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("address", "pk")
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = (
            models.UniqueConstraint(
                fields=("address", "customer", "every"),
                nulls_distinct=False,
                name="report_subscription_key",
            ),
        )

    def __str__(self) -> str:
        return f"{self.address}: {self.every}"


class ReportSending(models.Model):
    """A report of one period to one reader: a row of the outbox, and then its record.

    ``is_extra``: somebody asked for it; the others are sent once for a period.
    """

    subscription = models.ForeignKey(
        ReportSubscription, on_delete=models.CASCADE, related_name="sendings"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    is_extra = models.BooleanField(default=False)
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(
        max_length=10, choices=SendingState.choices, default=SendingState.WAITING
    )
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("subscription", "first_day"),
                condition=Q(is_extra=False),
                name="report_sending_once",
            ),
        )
        indexes = (
            # What is due.
            models.Index(
                fields=("next_at",), condition=Q(state=SendingState.WAITING), name="report_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.first_day}"
