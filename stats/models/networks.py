"""What the table of networks needs beside NetworkDay, so that it reads little for a year.

Both are made of NetworkDay alone (stats.rollups.networks), whenever the lists of a day are.
"""

from __future__ import annotations

from django.db import models

from stats.models.base import OfDay, key, reference
from stats.models.top import CountedDay
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


class NetworkMonth(CountedDay):
    """The sums of NetworkDay and NetworkUsual of a month; ``day`` is its first.

    ``senders`` is that of the day and direction with the most.
    """

    network = reference(ClientNetwork, null=True)
    senders = models.IntegerField()
    usual = models.FloatField()

    class Meta:
        constraints = (key("network_month_key", "day", "network"),)
        indexes = (
            # The curve of a network over a year.
            models.Index(fields=("network", "day"), name="network_month_network"),
        )
