"""Quarantine sources in Django's admin."""

from __future__ import annotations

from django.contrib import admin

from quarantine.models import QuarantineSource


@admin.register(QuarantineSource)
class QuarantineSourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not at run time
    """Where mail is held; beat reads each minute. One that has held mail can't be deleted."""

    list_display = ("name", "kind", "location", "is_enabled", "synced_at", "failure")
    list_filter = ("kind", "is_enabled")
    search_fields = ("name", "location")
    readonly_fields = ("synced_at", "failure")
