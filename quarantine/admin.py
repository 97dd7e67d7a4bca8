"""Quarantine sources in Django's admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from quarantine.backends.base import BackendUnavailable
from quarantine.connect import connect
from quarantine.faults import explained
from quarantine.models import QuarantineSource


class QuarantineSourceForm(forms.ModelForm):  # type: ignore[type-arg]  # not at run time
    """Says at once what makes no sense, and not only at the next sync."""

    class Meta:
        model = QuarantineSource
        fields = (
            "name",
            "kind",
            "location",
            "release_to",
            "username",
            "password_file",
            "tls_fingerprint",
            "ca_file",
            "is_enabled",
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                connect(QuarantineSource(**values))
            except BackendUnavailable as error:
                raise forms.ValidationError(explained(str(error))) from error
        return values


@admin.register(QuarantineSource)
class QuarantineSourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not at run time
    """Where mail is held; beat reads each minute. One that has held mail can't be deleted."""

    form = QuarantineSourceForm
    list_display = ("name", "kind", "location", "is_enabled", "synced_at", "why")
    list_filter = ("kind", "is_enabled")
    search_fields = ("name", "location")
    readonly_fields = ("synced_at", "why")

    @admin.display(description=_("failure"))
    def why(self, source: QuarantineSource) -> str:
        """In the reader's language."""
        return " ".join(explained(line) for line in source.failure.splitlines())
