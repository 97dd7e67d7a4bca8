"""Held mails: a row for each stored mail, whatever became of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quarantine.choices import HeldState
from quarantine.models.source import QuarantineSource
from quarantine.querysets import HeldQuerySet, Joined
from tracking.choices import QuarantineKind
from tracking.models import ClientNetwork, Customer


def _trigram(expression: F | Joined, name: str) -> GinIndex:
    """Part of a text, upper or lower case: what ``icontains`` asks."""
    return GinIndex(OpClass(Upper(expression), name="gin_trgm_ops"), name=name)


class QuarantinedMessage(models.Model):
    """A mail that a filter holds. Written by sync (what it is) and services (its state).

    ``key`` and ``shelf`` name it at its source, ``data`` is what its backend needs beside them.
    ``message_ref`` is the Message of tracking (no constraint: retention drops those), found by
    ``quarantine_id``. Recipients are released one by one: who already has it stands in
    ``released_recipients``; for whom the filter's own pages deleted it, in ``removed_recipients``.
    ``delete_after``: when a deletion becomes final. ``is_at_source``: the last sync saw it there.
    """

    source = models.ForeignKey(QuarantineSource, on_delete=models.PROTECT, related_name="held")
    key = models.TextField()
    shelf = models.CharField(max_length=200)
    kind = models.SmallIntegerField(_("kind"), choices=QuarantineKind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=HeldState.choices, default=HeldState.HELD
    )
    state_changed_at = models.DateTimeField(_("state since"), default=timezone.now)
    delete_after = models.DateTimeField(_("final after"), null=True)
    is_at_source = models.BooleanField(default=True)
    received_at = models.DateTimeField(_("received"))
    envelope_sender = models.TextField(_("envelope sender"), blank=True)
    header_from = models.TextField(_("From"), blank=True)
    recipients = ArrayField(models.TextField(), verbose_name=_("recipients"))
    released_recipients = ArrayField(models.TextField(), default=list)
    removed_recipients = ArrayField(models.TextField(), default=list)
    subject = models.TextField(_("subject"), blank=True)
    message_id = models.TextField(_("Message-ID"), blank=True)
    size_bytes = models.BigIntegerField(_("size"))
    score = models.FloatField(_("score"), null=True)
    virus = models.TextField(_("virus"), blank=True)
    rules = ArrayField(models.TextField(), default=list, verbose_name=_("rules"))
    quarantine_id = models.TextField(_("quarantine id"), blank=True)
    client_ip = models.GenericIPAddressField(_("client IP"), null=True)
    message_ref = models.BigIntegerField(null=True)
    network = models.ForeignKey(
        ClientNetwork, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    data = models.JSONField(default=dict)

    objects = HeldQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        permissions = (
            ("view_body", "Can look into held mail"),
            ("download", "Can download held mail"),
            ("request_release", "Can request a release"),
            ("approve_release", "Can approve requests for a release"),
            ("release", "Can release held mail"),
            ("release_virus", "Can release mail with a virus"),
            ("release_elsewhere", "Can release to another address"),
            ("delete", "Can delete held mail"),
            ("audit", "Can read the audit trail"),
        )
        constraints = (models.UniqueConstraint(fields=("source", "key"), name="held_key"),)
        indexes = (
            # A tab of the list, newest first: one state, one kind or all.
            models.Index(fields=("state", "kind", "-received_at", "-id"), name="held_kind_list"),
            models.Index(fields=("state", "-received_at", "-id"), name="held_list"),
            # What one shelf of a source had when it was last read.
            models.Index(fields=("source", "shelf"), name="held_shelf"),
            # The mail behind a log line.
            models.Index(
                fields=("quarantine_id",), condition=~Q(quarantine_id=""), name="held_quarantine_id"
            ),
            models.Index(
                fields=("message_ref",), condition=Q(message_ref__isnull=False), name="held_message"
            ),
            # Mail whose log lines have not come yet.
            models.Index(
                fields=("-received_at",),
                condition=Q(message_ref__isnull=True),
                name="held_unlinked",
            ),
            # Of a customer or network, newest first.
            models.Index(
                fields=("customer", "-received_at"),
                condition=Q(customer__isnull=False),
                name="held_customer",
            ),
            models.Index(
                fields=("network", "-received_at"),
                condition=Q(network__isnull=False),
                name="held_network",
            ),
            # Of any network, also one that is not in the registry.
            models.Index(fields=("client_ip",), name="held_client"),
            models.Index(fields=("score",), name="held_score"),
            models.Index(fields=("size_bytes",), name="held_size"),
            # What waits to be final, and what is under way.
            models.Index(
                fields=("delete_after",),
                condition=Q(delete_after__isnull=False),
                name="held_delete_after",
            ),
            models.Index(
                fields=("state_changed_at",),
                condition=Q(state__in=("releasing", "deleting", "uncertain")),
                name="held_under_way",
            ),
            # Recipients exactly (digest), and parts of texts (search).
            GinIndex(fields=("recipients",), name="held_recipients"),
            _trigram(F("envelope_sender"), "held_sender_trigram"),
            _trigram(Joined(F("recipients")), "held_recipient_trigram"),
            _trigram(F("subject"), "held_subject_trigram"),
            _trigram(F("virus"), "held_virus_trigram"),
            _trigram(Joined(F("rules")), "held_rules_trigram"),
        )
        verbose_name = _("held mail")
        verbose_name_plural = _("held mails")

    def __str__(self) -> str:
        return self.key

    @property
    def waiting_recipients(self) -> list[str]:
        """Who has not got it yet, and may still want it."""
        served = {*self.released_recipients, *self.removed_recipients}
        return [item for item in self.recipients if item not in served]
