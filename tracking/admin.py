"""The registry in Django's admin, with who is behind which host names; log sources to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tracking.models import (
    ApiToken,
    ClientNetwork,
    Customer,
    LogSource,
    Provider,
    ProviderSuffix,
    Relay,
)
from tracking.tokens import revoke_token


class ClientNetworkInline(admin.TabularInline):  # type: ignore[type-arg]  # not at run time
    model = ClientNetwork
    extra = 1


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Customers and the networks that they send from."""

    list_display = ("number", "name", "service_class")
    list_filter = ("service_class",)
    search_fields = ("number", "name", "networks__network")
    inlines = (ClientNetworkInline,)


@admin.register(ClientNetwork)
class ClientNetworkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Networks by prefix."""

    list_display = ("network", "customer", "note")
    list_select_related = ("customer",)
    search_fields = ("customer__number", "customer__name", "note")
    autocomplete_fields = ("customer",)


@admin.register(Relay)
class RelayAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Relays appear by themselves when their log is read; a person gives them a role."""

    list_display = ("name", "role", "note")
    list_editable = ("role",)
    list_filter = ("role",)
    search_fields = ("name",)


class ProviderSuffixInline(admin.TabularInline):  # type: ignore[type-arg]  # not at run time
    model = ProviderSuffix
    extra = 1


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A change has the figures of all mail that is still in the log counted again."""

    list_display = ("name", "is_own")
    search_fields = ("name", "suffixes__suffix")
    inlines = (ProviderSuffixInline,)


@admin.register(LogSource)
class LogSourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Where lines come from; made by commands, so that no token is lost on the way."""

    list_display = ("name", "kind", "last_line_at", "line_count", "unsupported_count")
    list_filter = ("kind",)
    search_fields = ("name", "path")
    fields = (
        "name",
        "kind",
        "path",
        "time_zone",
        "is_followed",
        "allowed_hosts",
        "last_line_at",
        "last_received_at",
        "line_count",
        "invalid_count",
        "unsupported_count",
    )
    readonly_fields = ("kind", "path", *fields[6:])

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("carry")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LogSource | None = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Everybody's tokens, to look at and to revoke; users make their own."""

    list_display = ("name", "user", "scopes", "networks", "expiry", "revoked_at", "last_used_at")
    list_filter = ("revoked_at", "expiry")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    fields = (*list_display, "last_used_from", "created")
    readonly_fields = fields
    actions = ("revoke",)

    @admin.action(description=_("Revoke the chosen tokens"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        count = sum(revoke_token(token) for token in queryset)
        self.message_user(request, _("Revoked: %(count)s") % {"count": count})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False
