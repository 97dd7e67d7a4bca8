"""The registry: who sends, from which networks, and which relays there are."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from netfields import CidrAddressField

from tracking.choices import RelayRole, ServiceClass


class Customer(models.Model):
    """A customer of the ISP; ``number`` is the key that other systems know."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    service_class = models.CharField(
        _("service class"),
        max_length=10,
        choices=ServiceClass.choices,
        default=ServiceClass.STANDARD,
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ("number",)
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class ClientNetwork(models.Model):
    """A CIDR block of a Customer; blocks may nest, the longest match counts."""

    network = CidrAddressField(_("network"), unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="networks", verbose_name=_("customer")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ("network",)
        verbose_name = _("client network")
        verbose_name_plural = _("client networks")
        indexes = (
            # Longest match: which networks contain this client address.
            GistIndex(fields=("network",), opclasses=("inet_ops",), name="client_network_gist"),
        )

    def __str__(self) -> str:
        return str(self.network)


class Relay(models.Model):
    """A host whose log is read; made with role ``other`` when a new host name appears."""

    name = models.CharField(_("host name"), max_length=255, unique=True)
    role = models.CharField(
        _("role"), max_length=10, choices=RelayRole.choices, default=RelayRole.OTHER
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("relay")
        verbose_name_plural = _("relays")

    def __str__(self) -> str:
        return self.name


class Provider(models.Model):
    """An operator of mail servers. ``is_own``: our own mailboxes and servers."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    is_own = models.BooleanField(_("our own"), default=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("mail provider")
        verbose_name_plural = _("mail providers")

    def __str__(self) -> str:
        return self.name


class ProviderSuffix(models.Model):
    """The end of host names or of recipients' domains: ``google.com`` is also ``x.google.com``."""

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="suffixes", verbose_name=_("provider")
    )
    suffix = models.CharField(_("suffix of host names and domains"), max_length=200, unique=True)

    class Meta:
        ordering = ("suffix",)
        verbose_name = _("suffix")
        verbose_name_plural = _("suffixes")

    def __str__(self) -> str:
        return self.suffix


class RegistryImport(models.Model):
    """A registry file: kept until somebody confirms what it would do, then the record of it.

    ``content`` is the file while it waits. ``counts`` is what was added, changed and removed:
    ``{"customer": {"add", "change", "remove"}, "network": …}``.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=200, blank=True)
    mode = models.CharField(max_length=10)
    content = models.BinaryField(default=bytes)
    done_at = models.DateTimeField(null=True)
    counts = models.JSONField(null=True)

    class Meta:
        ordering = ("-pk",)
        default_permissions = ()
        permissions = (("import_registry", _("Can export and import the registry")),)

    def __str__(self) -> str:
        return f"{self.uploaded_at:%Y-%m-%d %H:%M} {self.file_name}"
