"""Rollups: what each hour came to, so that no page reads facts.

An hour is a UTC hour of ``received_at``. Rows are recomputed from the facts, never incremented
(see stats.rollups). A recipient is counted by its disposition. A Message is counted once, with its
bytes, on the row of its first recipient: over all dispositions ``messages`` and ``bytes`` add up
to every mail exactly once, however differently its recipients ended. Of a single disposition only
``recipients`` means something.
"""

from __future__ import annotations

from django.db import models

from tracking.choices import (
    Direction,
    Disposition,
    MessageKind,
    QuarantineKind,
    RejectionKind,
    Stage,
)
from tracking.models import ClientNetwork, Relay


def _reference(
    model: type[models.Model],
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


class MailFigures(models.Model):
    """What is told apart, and counted, of mail. ``service_class`` "" is an unregistered client."""

    hour = models.DateTimeField()
    direction = models.SmallIntegerField(choices=Direction.choices)
    kind = models.SmallIntegerField(choices=MessageKind.choices)
    service_class = models.CharField(max_length=10)
    disposition = models.SmallIntegerField(choices=Disposition.choices)
    quarantine_kind = models.SmallIntegerField(choices=QuarantineKind.choices)
    messages = models.IntegerField()
    recipients = models.IntegerField()
    bytes = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.recipients}"


class TrafficHour(MailFigures):
    """Mail by the relay that accepted it first and by the client's network."""

    relay = _reference(Relay)
    network = _reference(ClientNetwork, null=True)

    class Meta:
        constraints = (
            # Also the way to the rows of an hour.
            models.UniqueConstraint(
                fields=(
                    "hour",
                    "relay",
                    "direction",
                    "kind",
                    "service_class",
                    "network",
                    "disposition",
                    "quarantine_kind",
                ),
                nulls_distinct=False,
                name="traffic_hour_key",
            ),
        )


class RelayHour(MailFigures):
    """Mail by each relay that it passed; ``relay`` null is the whole site, each mail once."""

    relay = _reference(Relay, null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=(
                    "hour",
                    "relay",
                    "direction",
                    "kind",
                    "service_class",
                    "disposition",
                    "quarantine_kind",
                ),
                nulls_distinct=False,
                name="relay_hour_key",
            ),
        )


class RejectionHour(models.Model):
    """Rejections, each counted once."""

    hour = models.DateTimeField()
    relay = _reference(Relay)
    kind = models.SmallIntegerField(choices=RejectionKind.choices)
    stage = models.SmallIntegerField(choices=Stage.choices)
    network = _reference(ClientNetwork, null=True)
    rejections = models.IntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("hour", "relay", "kind", "stage", "network"),
                nulls_distinct=False,
                name="rejection_hour_key",
            ),
        )

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.rejections}"


class SiteHour(models.Model):
    """The whole site: mails (of kind mail) and rejections. A page over a year reads 8,760 rows."""

    hour = models.DateTimeField(primary_key=True)
    inbound = models.IntegerField()
    outbound = models.IntegerField()
    internal = models.IntegerField()
    rejected = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"


class CountedClass(models.Model):
    """The service class by which a customer's mail was counted; differs after a change of class."""

    customer_id = models.BigIntegerField(primary_key=True)
    service_class = models.CharField(max_length=10)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.service_class}"
