"""Who and what stood at the top of a day, of mail (of kind mail).

Each list is exact for its day: the first values in order of recipients, and a row without a value
(rank 0) for all others, so that sums are those of the day. Over several days a value that was
not on every day's list has at least the sum of its rows.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from netfields import CidrAddressField

from stats.models.base import OfDay, key, reference
from tracking.choices import Direction
from tracking.models import Address, ClientNetwork, Domain


class Subject(models.IntegerChoices):
    SENDER = 1, _("Sender")
    RECIPIENT = 2, _("Recipient")
    LOGIN = 3, _("Login")
    CLIENT = 4, _("Client")
    DOMAIN = 5, _("Recipient domain")


class CountedDay(OfDay):
    """What is counted. ``spam``, ``virus``: recipients whose copy was quarantined as such.

    ``bounced`` counts expired recipients too.
    """

    messages = models.IntegerField()
    recipients = models.IntegerField()
    bytes = models.BigIntegerField()
    deferred = models.IntegerField()
    bounced = models.IntegerField()
    spam = models.IntegerField()
    virus = models.IntegerField()

    class Meta:
        abstract = True


class Ranked(CountedDay):
    """One of ``address``, ``domain`` and ``client`` is the value; none in the row of the others.

    ``value_count`` is how many distinct values a row stands for.
    """

    subject = models.SmallIntegerField(choices=Subject.choices)
    rank = models.SmallIntegerField()
    address = reference(Address, null=True)
    domain = reference(Domain, null=True)
    client = models.GenericIPAddressField(null=True)
    value_count = models.IntegerField()

    class Meta:
        abstract = True


class TopDay(Ranked):
    """The first of each direction."""

    direction = models.SmallIntegerField(choices=Direction.choices)

    class Meta:
        constraints = (key("top_day_key", "day", "direction", "subject", "rank"),)


class NetworkTopDay(Ranked):
    """The first of each registered network, in all directions."""

    network = reference(ClientNetwork)

    class Meta:
        constraints = (key("network_top_day_key", "network", "day", "subject", "rank"),)
        indexes = (
            # Making a day anew.
            models.Index(fields=("day",), name="network_top_day"),
        )


class NetworkDay(CountedDay):
    """Each client network by direction; null are all unregistered clients.

    ``senders`` and ``clients`` are distinct envelope senders and addresses of that day: they do
    not add up over days.
    """

    network = reference(ClientNetwork, null=True)
    direction = models.SmallIntegerField(choices=Direction.choices)
    senders = models.IntegerField()
    clients = models.IntegerField()

    class Meta:
        constraints = (key("network_day_key", "day", "network", "direction"),)
        indexes = (
            # The curves of some networks, and the page of one.
            models.Index(fields=("network", "day"), name="network_day_network"),
        )


class BlockDay(CountedDay):
    """Unregistered clients that send outbound, by /24 and /64; null are the others."""

    block = CidrAddressField(null=True)
    rank = models.SmallIntegerField()
    senders = models.IntegerField()
    clients = models.IntegerField()

    class Meta:
        constraints = (key("block_day_key", "day", "rank"),)
