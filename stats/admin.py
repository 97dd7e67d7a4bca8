"""Mail providers in Django's admin: who is behind which host names."""

from __future__ import annotations

from django.contrib import admin

from stats.models import Provider, ProviderSuffix


class ProviderSuffixInline(admin.TabularInline):  # type: ignore[type-arg]  # not at run time
    model = ProviderSuffix
    extra = 1


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A change has the figures of all mail that is still in the log counted again."""

    list_display = ("name", "is_own")
    search_fields = ("name", "suffixes__suffix")
    inlines = (ProviderSuffixInline,)
