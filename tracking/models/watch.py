"""Watches: a user wants to be told when a mail has ended. A watch that ended is the notice."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Watch(models.Model):
    """One user's wish about one Message, and the answer to it.

    ``message_ref`` and ``received_at`` find the Message (no foreign key crosses partitions); they
    follow it when it joins another. ``title`` names it when it is no longer stored. ``endings``
    counts recipients by disposition; null while nothing has ended, empty when the mail went out
    of the log without an ending.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches"
    )
    message_ref = models.BigIntegerField()
    received_at = models.DateTimeField()
    title = models.TextField(_("mail"))
    language = models.CharField(max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    endings = models.JSONField(null=True)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            # A double click is one wish.
            models.UniqueConstraint(fields=("user", "message_ref"), name="watch_key"),
        )
        indexes = (
            # What beat looks at.
            models.Index(
                fields=("message_ref",),
                condition=models.Q(ended_at__isnull=True),
                name="watch_waiting",
            ),
            # The number at the bell of every page.
            models.Index(
                fields=("user",),
                condition=models.Q(ended_at__isnull=False, read_at__isnull=True),
                name="watch_unread",
            ),
        )

    def __str__(self) -> str:
        return self.title
