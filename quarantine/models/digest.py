"""What each recipient's digest has told him."""

from __future__ import annotations

from django.db import models


class Digest(models.Model):
    """``day`` (site's zone) of the last digest, and up to when mail was in it; null: none yet."""

    recipient = models.TextField(unique=True)
    day = models.DateField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.recipient
