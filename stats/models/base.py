"""What all rollups have: a time, a key, and sums.

An hour is a UTC hour of ``received_at``, a day is one of the site's time zone (stats.days.Day).
Rows are recomputed, never incremented (stats.rollups). A table of days with an hourly twin holds
the sums of its hours; one of months those of its days, for months that MonthState names.
"""

from __future__ import annotations

from django.db import models


def reference(
    model: type[models.Model] | str,
    *,
    null: bool = False,
) -> models.ForeignKey:  # type: ignore[type-arg]
    """A reference without a constraint, as the facts have it."""
    return models.ForeignKey(
        model,
        on_delete=models.DO_NOTHING,
        null=null,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


def key(name: str, *fields: str) -> models.UniqueConstraint:
    """Each combination once. The time stands first: it is also the way to the rows of a time."""
    return models.UniqueConstraint(fields=fields, nulls_distinct=False, name=name)


class OfHour(models.Model):
    """Figures of a UTC hour."""

    hour = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"


class OfDay(models.Model):
    """Figures of a day of the site's time zone."""

    day = models.DateField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class OfMonth(models.Model):
    """Figures of a month of the site's time zone; ``month`` is its first day."""

    month = models.DateField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
