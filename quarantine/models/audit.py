"""The audit trail: rows are only added, each sealed with the hash of the one before."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from quarantine.choices import Outcome, Verb
from tracking.choices import QuarantineKind


class QuarantineAction(models.Model):
    """Who did what to which held mail, when, from where, why, and how it ended.

    ``token`` is "NAME (#ID)" of the API token that was used, "" for none.

    Texts and not references: the row must say the same when users and mails are gone. A trigger
    refuses UPDATE, DELETE and TRUNCATE. ``hash`` is SHA-256 in hex over the row and
    ``previous_hash`` (quarantine/audit.py); ``number`` has no gap.
    """

    number = models.BigIntegerField(unique=True)
    at = models.DateTimeField(_("time"))
    actor = models.TextField(_("who"))
    token = models.TextField(_("API token"), default="")
    client_ip = models.GenericIPAddressField(_("from"), null=True)
    verb = models.CharField(_("what"), max_length=20, choices=Verb.choices)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    reason = models.TextField(_("why"))
    held_id = models.BigIntegerField(null=True)
    source = models.TextField(_("source"))
    key = models.TextField(_("key"))
    kind = models.SmallIntegerField(_("kind"), choices=QuarantineKind.choices)
    quarantine_id = models.TextField(_("quarantine id"))
    message_id = models.TextField(_("Message-ID"))
    envelope_sender = models.TextField(_("envelope sender"))
    recipient = models.TextField(_("recipient"))
    detail = models.TextField(_("detail"))
    batch = models.UUIDField(null=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        ordering = ("-number",)
        indexes = (
            # The history of a mail; what one person did, newest first.
            models.Index(fields=("held_id", "number"), name="action_held"),
            models.Index(fields=("actor", "-number"), name="action_actor"),
        )
        verbose_name = _("quarantine action")
        verbose_name_plural = _("quarantine actions")

    def __str__(self) -> str:
        return f"{self.number} {self.verb} {self.outcome}"


class AuditHead(models.Model):
    """The end of the chain: a row less at the end shows, too. One row, and the chain's lock."""

    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number}"
