"""What the table of networks needs beside NetworkDay, so that any range reads a few rows of each.

All of it is made of NetworkDay alone (stats.rollups.networks), whenever the lists of a day are.
"""

from __future__ import annotations

from django.db import models

from stats.models.base import OfDay, key, reference
from tracking.models import ClientNetwork


class NetworkUsual(OfDay):
    """What a network usually sends on such a day.

    ``usual``: the median of its mails on the same weekday in the four weeks before, of the days
    that were counted. Only days that were counted have rows; one without sends nothing.
    """

    network = reference(ClientNetwork)
    usual = models.FloatField()

    class Meta:
        constraints = (key("network_usual_key", "day", "network"),)


class RunningSums(OfDay):
    """Sums of NetworkDay, in all directions, and of NetworkUsual. The difference of two of them
    is the sum of the days between; ``senders`` adds up those of each day."""

    network = reference(ClientNetwork, null=True)
    messages = models.BigIntegerField()
    recipients = models.BigIntegerField()
    bytes = models.BigIntegerField()
    deferred = models.BigIntegerField()
    bounced = models.BigIntegerField()
    spam = models.BigIntegerField()
    virus = models.BigIntegerField()
    senders = models.BigIntegerField()
    usual = models.FloatField()

    class Meta:
        abstract = True


class NetworkRun(RunningSums):
    """From the first of the month to this day. Each day that was counted has all networks that
    the month had until then."""

    class Meta:
        constraints = (key("network_run_key", "day", "network"),)
        indexes = (
            # The curve of a network over a year.
            models.Index(fields=("network", "day"), name="network_run_network"),
        )


class NetworkTotal(RunningSums):
    """Of all time to the end of a month; ``day`` is its first."""

    class Meta:
        constraints = (key("network_total_key", "day", "network"),)


class NetworkDue(models.Model):
    """A day whose NetworkDay was made anew, and what is made of it not yet."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
