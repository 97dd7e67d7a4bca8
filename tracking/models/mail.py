"""Mail: what became of it. Big tables, partitioned by day, written with COPY by ingest.store.

Their schema is SQL in the migrations (Django does not know partitions), so the models are
unmanaged. No foreign key crosses them; ``message`` and ``hop`` are plain ids. Every row of one
Message has the Message's ``received_at``, which is the partition key of all of them: a join on
``(message, received_at)`` touches one day.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracking.choices import (
    Direction,
    Disposition,
    MessageKind,
    QuarantineKind,
    RejectionKind,
    Stage,
    VerdictAction,
)
from tracking.models.registry import ClientNetwork, Customer, Relay


class Domain(models.Model):
    """The part of an address after the last ``@``, lower case; ``""`` when there is none."""

    name = models.CharField(max_length=255, unique=True)

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """A distinct envelope address (or SASL name), as written; ``""`` is the null sender."""

    id = models.AutoField(primary_key=True)
    address = models.TextField()
    domain = models.ForeignKey(Domain, on_delete=models.DO_NOTHING, db_constraint=False)

    class Meta:
        managed = False
        db_table = "tracking_address"

    def __str__(self) -> str:
        return self.address or "<>"


class Name(models.Model):
    """A distinct short text that repeats: host names, HELO names, relays, viruses, rules."""

    id = models.AutoField(primary_key=True)
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "tracking_name"

    def __str__(self) -> str:
        return self.name


class Reply(models.Model):
    """A distinct SMTP reply with its changing words cut out (``\\x1a`` stands for each)."""

    id = models.AutoField(primary_key=True)
    template = models.TextField()

    class Meta:
        managed = False
        db_table = "tracking_reply"

    def __str__(self) -> str:
        return self.template.replace("\x1a", "…")


def _reference(model: type[models.Model], name: str) -> models.ForeignKey:  # type: ignore[type-arg]
    """A reference without a constraint: rows may go (retention) before what points at them."""
    return models.ForeignKey(
        model,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_column=f"{name}_id",
    )


class Message(models.Model):
    """One mail's whole journey over all relays; what its first Hop knows of its origin."""

    id = models.BigIntegerField(primary_key=True)
    received_at = models.DateTimeField(_("received"))
    relay = _reference(Relay, "relay")
    kind = models.SmallIntegerField(choices=MessageKind.choices)
    direction = models.SmallIntegerField(choices=Direction.choices)
    sender = _reference(Address, "sender")
    sasl_user = _reference(Address, "sasl_user")
    message_id = models.TextField(_("Message-ID"))
    client_ip = models.GenericIPAddressField(_("client IP"), null=True)
    client_name = _reference(Name, "client_name")
    helo = _reference(Name, "helo")
    network = _reference(ClientNetwork, "network")
    customer = _reference(Customer, "customer")
    size_bytes = models.IntegerField(_("size"))
    recipient_count = models.IntegerField(_("recipients"))
    related_id = models.BigIntegerField(null=True)
    subject = models.TextField(_("subject"), null=True)  # noqa: DJ001 (null: not in the log)

    class Meta:
        managed = False
        db_table = "tracking_message"

    def __str__(self) -> str:
        return self.message_id or str(self.id)


class Hop(models.Model):
    """One queue id on one host, from acceptance to its end.

    ``parent_id`` is the Hop that handed the mail over. ``segment_id`` is the LogSegment that holds
    its lines, ``more_segments`` the further ones of the few that have several. ``ended_at`` is
    null while it is open.
    """

    id = models.BigIntegerField(primary_key=True)
    received_at = models.DateTimeField()
    message_ref = models.BigIntegerField(db_column="message_id")
    parent_id = models.BigIntegerField(null=True)
    relay = _reference(Relay, "relay")
    queue_id = models.TextField(_("queue id"))
    opened_at = models.DateTimeField(_("opened"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    is_tls = models.BooleanField(null=True)
    segment_id = models.IntegerField(null=True)
    more_segments = ArrayField(models.IntegerField(), null=True)

    class Meta:
        managed = False
        db_table = "tracking_hop"

    def __str__(self) -> str:
        return self.queue_id


class Delivery(models.Model):
    """What became of one recipient at one Hop: the newest attempt.

    ``is_final`` marks the row that speaks for its recipient in the whole Message (the last Hop
    that knows of it). ``recipient`` null: the log never named the recipient. ``reply`` and
    ``reply_words`` give the SMTP reply (words joined by ``\\x1f``). ``first_attempt_at`` is null
    when there was only one attempt. Delays are seconds.
    """

    id = models.BigIntegerField(primary_key=True)
    received_at = models.DateTimeField()
    message_ref = models.BigIntegerField(db_column="message_id")
    hop_ref = models.BigIntegerField(db_column="hop_id")
    recipient = _reference(Address, "recipient")
    original_recipient = _reference(Address, "original_recipient")
    disposition = models.SmallIntegerField(choices=Disposition.choices)
    quarantine_kind = models.SmallIntegerField(choices=QuarantineKind.choices)
    is_final = models.BooleanField()
    is_tls = models.BooleanField(null=True)
    attempts = models.IntegerField(_("attempts"))
    first_attempt_at = models.DateTimeField(null=True)
    last_attempt_at = models.DateTimeField(null=True)
    dsn = models.TextField(_("enhanced status code"))
    relay_name = _reference(Name, "relay_name")
    reply = _reference(Reply, "reply")
    reply_words = models.TextField()
    next_queue_id = models.TextField()
    before_queue_seconds = models.FloatField(null=True)
    in_queue_seconds = models.FloatField(null=True)
    connect_seconds = models.FloatField(null=True)
    transmit_seconds = models.FloatField(null=True)

    class Meta:
        managed = False
        db_table = "tracking_delivery"

    def __str__(self) -> str:
        return f"{self.pk}"


class FilterVerdict(models.Model):
    """What a content filter decided for a Hop and one recipient (null: for all)."""

    id = models.BigIntegerField(primary_key=True)
    received_at = models.DateTimeField()
    message_ref = models.BigIntegerField(db_column="message_id")
    hop_ref = models.BigIntegerField(db_column="hop_id")
    recipient = _reference(Address, "recipient")
    at = models.DateTimeField()
    action = models.SmallIntegerField(choices=VerdictAction.choices)
    quarantine_kind = models.SmallIntegerField(choices=QuarantineKind.choices)
    filter_id = models.TextField()
    quarantine_id = models.TextField()
    score = models.FloatField(null=True)
    required = models.FloatField(null=True)
    virus = _reference(Name, "virus")
    rule = _reference(Name, "rule")

    class Meta:
        managed = False
        db_table = "tracking_filterverdict"

    def __str__(self) -> str:
        return self.filter_id


class Rejection(models.Model):
    """Refused at an SMTP stage. ``hop_ref`` is set when a queue id existed already."""

    id = models.BigIntegerField(primary_key=True)
    received_at = models.DateTimeField(_("time"))
    relay = _reference(Relay, "relay")
    stage = models.SmallIntegerField(choices=Stage.choices)
    kind = models.SmallIntegerField(choices=RejectionKind.choices)
    code = models.SmallIntegerField()
    dsn = models.TextField()
    client_ip = models.GenericIPAddressField(null=True)
    client_name = _reference(Name, "client_name")
    helo = _reference(Name, "helo")
    network = _reference(ClientNetwork, "network")
    customer = _reference(Customer, "customer")
    sender = _reference(Address, "sender")
    recipient = _reference(Address, "recipient")
    sasl_user = _reference(Address, "sasl_user")
    reply = _reference(Reply, "reply")
    reply_words = models.TextField()
    segment_id = models.IntegerField(null=True)
    hop_ref = models.BigIntegerField(null=True, db_column="hop_id")

    class Meta:
        managed = False
        db_table = "tracking_rejection"

    def __str__(self) -> str:
        return f"{self.code} {self.dsn}"


class QuarantineDeletion(models.Model):
    """A filter's log says that its own pages deleted a held mail for one recipient."""

    host = models.TextField()
    quarantine_id = models.TextField()
    recipient = models.TextField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("quarantine_id", "recipient", "host"), name="quarantine_deletion_key"
            ),
        )
        # What is new.
        indexes = (models.Index(fields=("at",), name="quarantine_deletion_at"),)

    def __str__(self) -> str:
        return f"{self.quarantine_id} {self.recipient}"


class OpenHop(models.Model):
    """The correlator's state of a Hop that is open, or ended so lately that lines may follow.

    The carry-over between segments, a row for each Hop so that a mail deferred for days costs
    nothing when other mail is processed.
    """

    relay = models.ForeignKey(Relay, on_delete=models.CASCADE)
    queue_id = models.TextField()
    state = models.JSONField()
    is_ended = models.BooleanField(default=False)
    forget_at = models.DateTimeField()
    message_ref = models.BigIntegerField()
    received_us = models.BigIntegerField()
    parent_ref = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("relay", "queue_id"), name="open_hop_key"),)
        indexes = (
            # States of a Message that joins another.
            models.Index(fields=("message_ref",), name="open_hop_message"),
            # What nothing will come for any more.
            models.Index(fields=("forget_at",), name="open_hop_forget"),
        )

    def __str__(self) -> str:
        return self.queue_id
