"""Tokens of scripts: named, of few powers, never for ever."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_network

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from knox.models import AbstractAuthToken

_USE_NOTED_EVERY = timedelta(minutes=1)


class ApiToken(AbstractAuthToken):  # type: ignore[misc]  # untyped
    """Acts for its user within ``scopes``, from ``networks`` (CIDR; none: from anywhere).

    Only a digest of the secret is kept. ``expiry`` is always set. A revoked token stays, so that
    it can be told who used it last, and from where.
    """

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=128, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="auth_token_set",
        verbose_name=gettext_lazy("user"),
    )
    name = models.CharField(gettext_lazy("name"), max_length=60)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name=gettext_lazy("scopes"))
    networks = ArrayField(
        models.CharField(max_length=50),
        default=list,
        blank=True,
        verbose_name=gettext_lazy("networks"),
    )
    created = models.DateTimeField(gettext_lazy("created"), auto_now_add=True)
    expiry = models.DateTimeField(gettext_lazy("valid until"))
    revoked_at = models.DateTimeField(gettext_lazy("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(gettext_lazy("last used"), null=True, blank=True)
    last_used_from = models.GenericIPAddressField(
        gettext_lazy("last used from"), null=True, blank=True
    )

    class Meta:
        ordering = ("-created", "-id")
        verbose_name = gettext_lazy("API token")
        verbose_name_plural = gettext_lazy("API tokens")
        constraints = (
            # A name may be given again once its token is revoked.
            models.UniqueConstraint(
                fields=("user", "name"),
                condition=Q(revoked_at__isnull=True),
                name="api_token_name",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expiry <= timezone.now()

    def refusal(self, address: IPv4Address | IPv6Address | None) -> str:
        """Why the token is not taken from this address; "" when it is."""
        if self.revoked_at is not None:
            return _("This token was revoked.")
        if self.is_expired:
            return _("This token has expired.")
        if not self.networks:
            return ""
        if address is not None and any(address in ip_network(text) for text in self.networks):
            return ""
        return _("This token may not be used from %(address)s.") % {"address": address}

    def note_use(self, address: IPv4Address | IPv6Address | None) -> None:
        """Keep when and from where it was used, to the minute: no write for each request."""
        now = timezone.now()
        if self.last_used_at is not None and now - self.last_used_at < _USE_NOTED_EVERY:
            return
        where = None if address is None else str(address)
        type(self).objects.filter(pk=self.pk).update(last_used_at=now, last_used_from=where)
