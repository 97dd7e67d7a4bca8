"""Where mail (of kind mail) goes: providers, domains, and the reasons that they give.

A provider is the operator of the server that took the last attempt, by the longest suffix of its
host name, or else of the recipient's domain (ProviderSuffix of tracking). One that no suffix names
is called by the registrable part of that name; of these the busiest of an hour are kept, and the
rest is ``OTHER`` (tracking.providers).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from stats.models.base import OfDay, OfHour, OfMonth, key, reference
from tracking.choices import Direction, Disposition
from tracking.models import ClientNetwork, Domain, Relay, Reply


class ProviderFigures(models.Model):
    """Recipients by provider and disposition.

    ``retried`` needed more than one attempt; ``tls`` ended on an encrypted connection; ``delays``
    counts the ``timed`` ones in the buckets of stats.buckets.DELAYS.
    """

    direction = models.SmallIntegerField(choices=Direction.choices)
    provider = models.CharField(max_length=100)
    disposition = models.SmallIntegerField(choices=Disposition.choices)
    recipients = models.IntegerField()
    bytes = models.BigIntegerField()
    retried = models.IntegerField()
    tls = models.IntegerField()
    delay_ms = models.BigIntegerField()
    timed = models.IntegerField()
    delays = ArrayField(models.IntegerField())

    class Meta:
        abstract = True


class ProviderHour(OfHour, ProviderFigures):
    """Providers of an hour; bytes count each recipient's copy."""

    class Meta:
        constraints = (key("provider_hour_key", "hour", "direction", "provider", "disposition"),)


class ProviderDay(OfDay, ProviderFigures):
    """The sums of ProviderHour."""

    class Meta:
        constraints = (key("provider_day_key", "day", "direction", "provider", "disposition"),)


class ProviderMonth(OfMonth, ProviderFigures):
    """The sums of ProviderDay."""

    class Meta:
        constraints = (key("provider_month_key", "month", "direction", "provider", "disposition"),)


class FlowFigures(models.Model):
    """Recipients by the way of their mail: class, relay of the last Hop, provider, ending."""

    direction = models.SmallIntegerField(choices=Direction.choices)
    service_class = models.CharField(max_length=10)
    relay = reference(Relay, null=True)
    provider = models.CharField(max_length=100)
    disposition = models.SmallIntegerField(choices=Disposition.choices)
    recipients = models.IntegerField()
    bytes = models.BigIntegerField()

    class Meta:
        abstract = True


class FlowHour(OfHour, FlowFigures):
    """Flows of an hour."""

    class Meta:
        constraints = (
            key(
                "flow_hour_key",
                "hour",
                "direction",
                "service_class",
                "relay",
                "provider",
                "disposition",
            ),
        )


class FlowDay(OfDay, FlowFigures):
    """The sums of FlowHour."""

    class Meta:
        constraints = (
            key(
                "flow_day_key",
                "day",
                "direction",
                "service_class",
                "relay",
                "provider",
                "disposition",
            ),
        )


class FlowMonth(OfMonth, FlowFigures):
    """The sums of FlowDay."""

    class Meta:
        constraints = (
            key(
                "flow_month_key",
                "month",
                "direction",
                "service_class",
                "relay",
                "provider",
                "disposition",
            ),
        )


class ReasonFigures(models.Model):
    """Recipients by the reason code of their ending (tracking.reasons)."""

    direction = models.SmallIntegerField(choices=Direction.choices)
    provider = models.CharField(max_length=100)
    disposition = models.SmallIntegerField(choices=Disposition.choices)
    reason = models.CharField(max_length=40)
    recipients = models.IntegerField()

    class Meta:
        abstract = True


class ReasonHour(OfHour, ReasonFigures):
    """Reasons of an hour."""

    class Meta:
        constraints = (
            key("reason_hour_key", "hour", "direction", "provider", "disposition", "reason"),
        )


class ReasonDay(OfDay, ReasonFigures):
    """The sums of ReasonHour."""

    class Meta:
        constraints = (
            key("reason_day_key", "day", "direction", "provider", "disposition", "reason"),
        )


class ReasonMonth(OfMonth, ReasonFigures):
    """The sums of ReasonDay."""

    class Meta:
        constraints = (
            key("reason_month_key", "month", "direction", "provider", "disposition", "reason"),
        )


class DomainDay(OfDay):
    """Recipients' domains of a day: the first by recipients, and the others as null."""

    direction = models.SmallIntegerField(choices=Direction.choices)
    domain = reference(Domain, null=True)
    provider = models.CharField(max_length=100)
    disposition = models.SmallIntegerField(choices=Disposition.choices)
    recipients = models.IntegerField()
    bytes = models.BigIntegerField()
    retried = models.IntegerField()

    class Meta:
        constraints = (
            key("domain_day_key", "day", "direction", "domain", "provider", "disposition"),
        )


class NetworkReasonHour(OfHour):
    """Recipients of a client network whom mail did not reach, by what the other side said.

    The reason is that of the reply's template. ``example_id``: a Message that ended so, which
    has the reply with all its words. Null are all unregistered clients.
    """

    network = reference(ClientNetwork, null=True)
    direction = models.SmallIntegerField(choices=Direction.choices)
    disposition = models.SmallIntegerField(choices=Disposition.choices)
    reply = reference(Reply, null=True)
    recipients = models.IntegerField()
    example_id = models.BigIntegerField()

    class Meta:
        constraints = (
            key(
                "network_reason_hour_key",
                "hour",
                "network",
                "direction",
                "disposition",
                "reply",
            ),
        )
        indexes = (
            # The report of a customer.
            models.Index(fields=("network", "hour"), name="network_reason_network"),
        )
