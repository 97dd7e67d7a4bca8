"""What rollups were made with, and which are to be made anew."""

from __future__ import annotations

from django.db import models


class CountedClass(models.Model):
    """The service class by which a customer's mail was counted; differs after a change of class."""

    customer_id = models.BigIntegerField(primary_key=True)
    service_class = models.CharField(max_length=10)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.service_class}"


class CountedBy(models.Model):
    """A digest of what rollups depend on beside the facts; when it differs, all are made anew."""

    subject = models.CharField(max_length=20, primary_key=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.subject


class MonthState(models.Model):
    """A month whose tables of months hold the sums of its days; ``month`` is its first day.

    It goes when a day of it is summed anew, in the same transaction: what has no row is read from
    the tables of days.
    """

    month = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class DayState(models.Model):
    """How far the figures of a day are.

    ``changed_at``: when one of its hours was made anew. ``summed`` and ``listed`` are the
    ``changed_at`` that its sums and its lists were made of; another value means that they are to
    be made anew. ``listed_at`` is when that was last done, in ``list_seconds``.
    """

    day = models.DateField(primary_key=True)
    changed_at = models.DateTimeField()
    summed = models.DateTimeField(null=True)
    listed = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)
    list_seconds = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
