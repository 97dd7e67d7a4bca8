"""History that is given to the networks and customers of the registry as it is now."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _


class ReattributionState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


ACTIVE = (ReattributionState.WAITING, ReattributionState.RUNNING)


class Reattribution(models.Model):
    """One request, from the newest day to the oldest; ``done`` of ``total`` days are through.

    ``since`` and ``until`` are the first and last day of the site's zone, None where there is no
    bound. ``messages`` and ``rejections`` count the rows that changed; ``error`` is of a failed
    one. Only one is active at a time. ``registry`` is the digest of what it goes by: when that is
    changed meanwhile, it begins anew.
    """

    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ReattributionState.choices,
        default=ReattributionState.WAITING,
    )
    since = models.DateField(_("since"), null=True)
    until = models.DateField(_("until"), null=True)
    done = models.IntegerField(_("days done"), default=0)
    total = models.IntegerField(_("days"), default=0)
    next_day = models.DateField(null=True)
    registry = models.CharField(max_length=64, blank=True)
    messages = models.BigIntegerField(_("mails changed"), default=0)
    rejections = models.BigIntegerField(_("rejections changed"), default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    requested_at = models.DateTimeField(_("requested"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("re-attribution of history")
        verbose_name_plural = _("re-attributions of history")
        constraints = (
            models.UniqueConstraint(
                Value(1), condition=Q(state__in=ACTIVE), name="one_active_reattribution"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE
