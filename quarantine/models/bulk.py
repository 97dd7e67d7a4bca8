"""Actions on all that a search found: what was confirmed, and how it ended for each mail."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from quarantine.choices import Outcome, Verb


class BulkAction(models.Model):
    """One confirmed action on many mails, done by a worker; can go on after it was killed.

    ``ids`` are the mails that were confirmed, ``options`` what the form or the API was told;
    texts of outcomes are in ``language``.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    client_ip = models.GenericIPAddressField(null=True)
    token = models.TextField(default="")
    language = models.CharField(max_length=10)
    verb = models.CharField(max_length=20, choices=Verb.choices)
    options = models.JSONField()
    ids = ArrayField(models.BigIntegerField())
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = (
            # What a dead worker left.
            models.Index(
                fields=("created_at",), condition=models.Q(ended_at=None), name="bulk_under_way"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk}"


class BulkItem(models.Model):
    """How it ended for one mail; a mail without one is still to be done."""

    bulk = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="items")
    held_id = models.BigIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    text = models.TextField()

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("bulk", "held_id"), name="bulk_item_key"),)
        indexes = (
            # A page of results, all or those of one outcome.
            models.Index(fields=("bulk", "id"), name="bulk_item_page"),
            models.Index(fields=("bulk", "outcome", "id"), name="bulk_item_outcome"),
        )

    def __str__(self) -> str:
        return f"{self.held_id} {self.outcome}"
