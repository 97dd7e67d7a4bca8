"""Releases, each a row before anything is sent, and the wishes for them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quarantine.choices import ReleaseStep, RequestState
from quarantine.models.held import QuarantinedMessage


class Release(models.Model):
    """One attempt to send a held mail on. Committed before the effect, so it can be resumed.

    ``recipients`` are those it goes to; ``is_elsewhere`` when they are not the mail's own.
    ``replies`` has, after the end, a [recipient, accepted, reply, queue id] for each.
    ``request`` is the one whose approval began it. ``messages`` are the Messages of tracking that
    the log has of it, [] as long as it has none.
    """

    held = models.ForeignKey(QuarantinedMessage, on_delete=models.CASCADE, related_name="releases")
    recipients = ArrayField(models.TextField())
    is_elsewhere = models.BooleanField(default=False)
    is_sender_allowed = models.BooleanField(default=False)
    actor = models.TextField()
    token = models.TextField(default="")
    client_ip = models.GenericIPAddressField(null=True)
    reason = models.TextField()
    batch = models.UUIDField()
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=10, choices=ReleaseStep.choices, default=ReleaseStep.BEGUN)
    replies = models.JSONField(default=list)
    failure = models.TextField(blank=True)
    request = models.ForeignKey(
        "ReleaseRequest", on_delete=models.SET_NULL, null=True, related_name="releases"
    )
    messages = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        default_permissions = ()
        constraints = (
            # Two operators at once: the second finds the first one's row.
            models.UniqueConstraint(
                fields=("held",), condition=~Q(step="ended"), name="release_under_way"
            ),
        )
        indexes = (
            models.Index(fields=("held", "started_at"), name="release_of_held"),
            # What the log is to be asked for.
            models.Index(fields=("ended_at",), condition=Q(messages=[]), name="release_untied"),
        )

    def __str__(self) -> str:
        return f"{self.pk}"


class ReleaseRequest(models.Model):
    """Somebody wants a mail released and another one decides (two keys).

    ``seen_at``: when the requester was shown the answer, ``mailed_at``: when it was mailed to him.
    ``failure`` says why an approved release did not end well, known at ``settled_at``.
    """

    held = models.ForeignKey(QuarantinedMessage, on_delete=models.CASCADE, related_name="requests")
    recipients = ArrayField(models.TextField())
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    reason = models.TextField(_("reason"))
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=RequestState.OPEN
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision = models.TextField(_("answer"), blank=True)
    failure = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ("-requested_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("held",), condition=Q(state="open"), name="request_open_once"
            ),
        )
        indexes = (
            # What waits for a decision, and one's own.
            models.Index(fields=("state", "-requested_at"), name="request_state"),
            models.Index(fields=("requested_by", "-requested_at"), name="request_by"),
        )
        verbose_name = _("release request")
        verbose_name_plural = _("release requests")

    def __str__(self) -> str:
        return f"{self.pk}"
