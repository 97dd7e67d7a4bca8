"""Numbered system checks of stats' settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def check_webhooks(
    app_configs: Sequence[AppConfig] | None, **_options: object
) -> list[CheckMessage]:
    """stats.E001 to E003."""
    return list(_errors())


def _errors() -> Iterator[CheckMessage]:
    if not set(settings.WEBHOOK_SCHEMES) <= {"https", "http"}:
        hint = "Use https, or https,http."
        yield Error("WEBHOOK_SCHEMES makes no sense.", hint=hint, id="stats.E001")
    if not 0 <= settings.REPORT_HOUR <= 23:
        hint = "Use an hour from 0 to 23."
        yield Error("REPORT_HOUR makes no sense.", hint=hint, id="stats.E003")
    for text in settings.WEBHOOK_NETWORKS:
        try:
            ip_network(text)
        except ValueError as error:
            hint = "Use networks such as 192.0.2.0/24,127.0.0.1/32."
            message = f"WEBHOOK_NETWORKS: {error}."
            yield Error(message, hint=hint, id="stats.E002")
