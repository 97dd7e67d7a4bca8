"""The closed lists of words of the design, stored as small integers or short text."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServiceClass(models.TextChoices):
    """The class of a customer: it decides the route of mail and the priority of a complaint."""

    PREMIUM = "premium", _("Premium")
    STANDARD = "standard", _("Standard")
    BULK = "bulk", _("Bulk")


class RelayRole(models.TextChoices):
    """What a relay is for; data of the site, never a host name in code."""

    EXT = "ext", _("Outbound entry")
    PRE = "pre", _("Premium")
    TR = "tr", _("Bulk")
    MX = "mx", _("Inbound")
    OTHER = "other", _("Other")


class SourceKind(models.TextChoices):
    FILE = "file", _("File")
    DIRECTORY = "directory", _("Directory")
    PUSH = "push", _("HTTP push")
    STREAM = "stream", _("Stream")


class MessageKind(models.IntegerChoices):
    """Mail, or what the mail system itself wrote; each is counted apart."""

    MAIL = 0, _("Mail")
    BOUNCE = 1, _("Non-delivery notification")
    DELAY = 2, _("Delay notification")
    SUCCESS = 3, _("Delivery confirmation")
    NOTICE = 4, _("Filter notification")
    RELEASE = 5, _("Quarantine release")
    PROBE = 6, _("Address verification probe")


class Direction(models.IntegerChoices):
    INBOUND = 0, _("Inbound")
    OUTBOUND = 1, _("Outbound")
    INTERNAL = 2, _("Internal")


class Disposition(models.IntegerChoices):
    """The final word for one recipient of one Message."""

    QUEUED = 0, _("Queued")
    DELIVERED = 1, _("Delivered")
    DEFERRED = 2, _("Deferred")
    BOUNCED = 3, _("Bounced")
    EXPIRED = 4, _("Expired")
    REJECTED = 5, _("Rejected")
    GREYLISTED = 6, _("Greylisted")
    BLOCKED = 7, _("Blocked")
    QUARANTINED = 8, _("Quarantined")
    HELD = 9, _("Held")
    DISCARDED = 10, _("Discarded")
    DELETED = 11, _("Deleted")
    LOST = 12, _("Lost")


class QuarantineKind(models.IntegerChoices):
    NONE = 0, _("None")
    SPAM = 1, _("Spam")
    VIRUS = 2, _("Virus")
    ATTACHMENT = 3, _("Attachment")
    BANNED = 4, _("Banned content")
    OTHER = 5, _("Other")


class VerdictAction(models.IntegerChoices):
    """What a content filter decided for a recipient."""

    ACCEPT = 0, _("Accepted")
    BLOCK = 1, _("Blocked")
    QUARANTINE = 2, _("Quarantined")
    RELEASE = 3, _("Released")
    DELETE = 4, _("Deleted from quarantine")


class Stage(models.IntegerChoices):
    """The SMTP stage of a Rejection (RFC 5321)."""

    OTHER = 0, _("Other")
    CONNECT = 1, _("Connect")
    HELO = 2, _("HELO")
    MAIL = 3, _("MAIL FROM")
    RCPT = 4, _("RCPT TO")
    DATA = 5, _("DATA")
    EOD = 6, _("End of data")


class RejectionKind(models.IntegerChoices):
    OTHER = 0, _("Other")
    GREYLIST = 1, _("Greylisting")
    SPF = 2, _("SPF")
    DNSBL = 3, _("Block list")
    RELAY = 4, _("Relay access denied")
    UNKNOWN_RECIPIENT = 5, _("Unknown recipient")
    SENDER_DOMAIN = 6, _("Sender domain")
    SIZE = 7, _("Message size")
    POLICY = 8, _("Policy")
    RATE = 9, _("Rate limit")
    TLS = 10, _("TLS required")
    PROTOCOL = 11, _("Protocol error")
    CONTENT = 12, _("Content")
    FILTER = 13, _("Content filter")
