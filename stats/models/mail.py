"""Mail and rejections by relay, network and class.

A recipient is counted by its disposition. A Message is counted once, with its bytes, on the row
of its first recipient: over all dispositions ``messages`` and ``bytes`` add up to every mail
exactly once, however differently its recipients ended. Of a single disposition ``messages`` is
the number of mails whose first recipient ended so; the search lists them with ``once=yes``.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from stats.models.base import OfDay, OfHour, OfMonth, key, reference
from tracking.choices import (
    Direction,
    Disposition,
    MessageKind,
    QuarantineKind,
    RejectionKind,
    Stage,
)
from tracking.models import ClientNetwork, Relay

_KEY = ("direction", "kind", "service_class", "disposition", "quarantine_kind")


class MailFigures(models.Model):
    """What is told apart, and counted, of mail. ``service_class`` "" is an unregistered client.

    ``delay_ms`` is the sum of Postfix's delays a+b+c+d at the last Hop, of the ``timed``
    recipients for whom the log tells them.
    """

    direction = models.SmallIntegerField(choices=Direction.choices)
    kind = models.SmallIntegerField(choices=MessageKind.choices)
    service_class = models.CharField(max_length=10)
    disposition = models.SmallIntegerField(choices=Disposition.choices)
    quarantine_kind = models.SmallIntegerField(choices=QuarantineKind.choices)
    messages = models.IntegerField()
    recipients = models.IntegerField()
    bytes = models.BigIntegerField()
    delay_ms = models.BigIntegerField(default=0)
    timed = models.IntegerField(default=0)

    class Meta:
        abstract = True


class TrafficHour(OfHour, MailFigures):
    """Mail by the relay that accepted it first and by the client's network."""

    relay = reference(Relay)
    network = reference(ClientNetwork, null=True)

    class Meta:
        constraints = (
            key(
                "traffic_hour_key",
                "hour",
                "relay",
                "direction",
                "kind",
                "service_class",
                "network",
                "disposition",
                "quarantine_kind",
            ),
        )
        indexes = (
            # The page of one network.
            models.Index(fields=("network", "hour"), name="traffic_hour_network"),
        )


class TrafficDay(OfDay):
    """The sums of TrafficHour by network, over relays; made with the lists of the day."""

    network = reference(ClientNetwork, null=True)
    direction = models.SmallIntegerField(choices=Direction.choices)
    kind = models.SmallIntegerField(choices=MessageKind.choices)
    disposition = models.SmallIntegerField(choices=Disposition.choices)
    quarantine_kind = models.SmallIntegerField(choices=QuarantineKind.choices)
    messages = models.IntegerField()
    recipients = models.IntegerField()
    bytes = models.BigIntegerField()

    class Meta:
        constraints = (
            key(
                "traffic_day_key",
                *("network", "day", "direction", "kind", "disposition", "quarantine_kind"),
            ),
        )
        indexes = (
            # All networks of some days.
            models.Index(fields=("day",), name="traffic_day"),
        )


class RelayHour(OfHour, MailFigures):
    """Mail by each relay that it passed; ``relay`` null is the whole site, each mail once."""

    relay = reference(Relay, null=True)

    class Meta:
        constraints = (key("relay_hour_key", "hour", "relay", *_KEY),)


class RelayDay(OfDay, MailFigures):
    """The sums of RelayHour."""

    relay = reference(Relay, null=True)

    class Meta:
        constraints = (key("relay_day_key", "day", "relay", *_KEY),)


class RelayMonth(OfMonth, MailFigures):
    """The sums of RelayDay."""

    relay = reference(Relay, null=True)

    class Meta:
        constraints = (key("relay_month_key", "month", "relay", *_KEY),)


class RejectionFigures(models.Model):
    """Rejections, each counted once."""

    relay = reference(Relay)
    kind = models.SmallIntegerField(choices=RejectionKind.choices)
    stage = models.SmallIntegerField(choices=Stage.choices)
    network = reference(ClientNetwork, null=True)
    rejections = models.IntegerField()

    class Meta:
        abstract = True


class RejectionHour(OfHour, RejectionFigures):
    """Rejections of an hour."""

    class Meta:
        constraints = (key("rejection_hour_key", "hour", "relay", "kind", "stage", "network"),)


class RejectionDay(OfDay, RejectionFigures):
    """The sums of RejectionHour."""

    class Meta:
        constraints = (key("rejection_day_key", "day", "relay", "kind", "stage", "network"),)


class RejectionMonth(OfMonth, RejectionFigures):
    """The sums of RejectionDay."""

    class Meta:
        constraints = (key("rejection_month_key", "month", "relay", "kind", "stage", "network"),)


class SizeFigures(models.Model):
    """Mails (of kind mail) by size: ``sizes`` counts them in the buckets of stats.buckets.SIZES.

    ``client_tls``: mails that the client handed over on an encrypted connection.
    """

    direction = models.SmallIntegerField(choices=Direction.choices)
    service_class = models.CharField(max_length=10)
    messages = models.IntegerField()
    bytes = models.BigIntegerField()
    client_tls = models.IntegerField()
    sizes = ArrayField(models.IntegerField())

    class Meta:
        abstract = True


class SizeHour(OfHour, SizeFigures):
    """Sizes of an hour."""

    class Meta:
        constraints = (key("size_hour_key", "hour", "direction", "service_class"),)


class SizeDay(OfDay, SizeFigures):
    """The sums of SizeHour."""

    class Meta:
        constraints = (key("size_day_key", "day", "direction", "service_class"),)


class SizeMonth(OfMonth, SizeFigures):
    """The sums of SizeDay."""

    class Meta:
        constraints = (key("size_month_key", "month", "direction", "service_class"),)


class SiteHour(models.Model):
    """The whole site: mails (of kind mail) and rejections. A page over a year reads 8,760 rows."""

    hour = models.DateTimeField(primary_key=True)
    inbound = models.IntegerField()
    outbound = models.IntegerField()
    internal = models.IntegerField()
    rejected = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}"
