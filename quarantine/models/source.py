"""Places where mail is held, and what sync remembers of each."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from quarantine.choices import BackendKind


class QuarantineSource(models.Model):
    """A filter's quarantine. Which fields a kind reads: docs/operations.md.

    Secrets are files on the console's machine, never rows.
    """

    name = models.SlugField(_("name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=BackendKind.choices)
    location = models.CharField(
        _("location"),
        max_length=500,
        help_text=_("Absolute path of the directory, or https://host:8006 of PMG's API."),
    )
    release_to = models.CharField(
        _("release to"),
        max_length=300,
        blank=True,
        help_text=_("HOST:PORT for SMTP re-injection; amavis: unix:/path or HOST:PORT (AM.PDP)."),
    )
    username = models.CharField(_("user name"), max_length=200, blank=True)
    password_file = models.CharField(_("password file"), max_length=500, blank=True)
    tls_fingerprint = models.CharField(
        _("TLS fingerprint"),
        max_length=100,
        blank=True,
        help_text=_("SHA-256 of the server's certificate, in hex; takes the place of a CA."),
    )
    ca_file = models.CharField(_("CA file"), max_length=500, blank=True)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    synced_at = models.DateTimeField(_("last sync"), null=True, editable=False)
    failure = models.TextField(_("failure"), blank=True, editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("quarantine source")
        verbose_name_plural = _("quarantine sources")

    def __str__(self) -> str:
        return self.name


class SourceShelf(models.Model):
    """A part of a source that is listed at once (a directory, a day); its stamp when last read.

    A shelf whose stamp has not changed has nothing new and is not read again.
    """

    source = models.ForeignKey(QuarantineSource, on_delete=models.CASCADE, related_name="shelves")
    name = models.CharField(max_length=200)
    stamp = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "name"), name="source_shelf_key"),)

    def __str__(self) -> str:
        return self.name
